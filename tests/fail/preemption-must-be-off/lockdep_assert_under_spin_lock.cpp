// SPDX-License-Identifier: BSL-1.0
// On PREEMPT_RT the holder of a spinlock_t may be preempted.
// EXPECT slug: preemption-must-be-off
// EXPECT call: lockdep_assert_preemption_disabled
// EXPECT context: SpinLocked<kctx::spinlock_t, kctx::ProcessCtx>
// EXPECT fix: KCTX_PREEMPT_DISABLE
#include <kctx/kctx.hpp>
#include <kctx/lock/lockdep.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

void account(ProcessCtx ctx, spinlock_t *lock, int &count)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
#ifdef FIXED
        KCTX_PREEMPT_DISABLE(ctx) {
            lockdep_assert_preemption_disabled(ctx);
        }
#else
        lockdep_assert_preemption_disabled(ctx); // <-- error
#endif
        count++;
    }
}
