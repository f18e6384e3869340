// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: seqcount-without-lock
// EXPECT call: write_seqcount_begin
// EXPECT context: RawSpinLocked<kctx::raw_spinlock_t, kctx::SoftirqCtx>
// EXPECT fix: the one that it was initialised with
#include <kctx/kctx.hpp>
#include <kctx/lock/seqlock.hpp>

using namespace kctx;

#ifdef FIXED
using count_t = seqcount_t;
#else
using count_t = seqcount_spinlock_t;
#endif

void move([[maybe_unused]] SoftirqCtx ctx, raw_spinlock_t *lock, count_t *count, int &x)
{
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
        KCTX_WRITE_SEQCOUNT(ctx, *count) { // <-- error
            x++;
        }
    }
}
