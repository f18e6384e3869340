// SPDX-License-Identifier: BSL-1.0
// On PREEMPT_RT the holder of a spinlock_t may be preempted.
// EXPECT slug: preemptible-writer
// EXPECT call: write_seqcount_begin
// EXPECT context: SpinLocked<kctx::spinlock_t, kctx::WorkCtx>
// EXPECT fix: seqcount_spinlock_t
#include <kctx/kctx.hpp>
#include <kctx/lock/seqlock.hpp>

using namespace kctx;

#ifdef FIXED
using count_t = seqcount_spinlock_t;
#else
using count_t = seqcount_t;
#endif

void move([[maybe_unused]] WorkCtx ctx, spinlock_t *lock, count_t *count, int &x)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
        KCTX_WRITE_SEQCOUNT(ctx, *count) { // <-- error
            x++;
        }
    }
}
