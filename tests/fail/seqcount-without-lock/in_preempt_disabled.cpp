// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: seqcount-without-lock
// EXPECT call: write_seqcount_begin
// EXPECT context: PreemptDisabled<kctx::ProcessCtx>
// EXPECT fix: spin_lock()
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/seqlock.hpp>

using namespace kctx;

void move([[maybe_unused]] ProcessCtx ctx, seqcount_spinlock_t *count, int &x)
{
#ifdef FIXED
    KCTX_SPIN_LOCK(ctx, *count->lock) {
#else
    KCTX_PREEMPT_DISABLE(ctx) {
#endif
        KCTX_WRITE_SEQCOUNT(ctx, *count) { // <-- error
            x++;
        }
    }
}
