// SPDX-License-Identifier: BSL-1.0
// On PREEMPT_RT spin_lock_irqsave() leaves interrupts on.
// EXPECT slug: irqs-must-be-off
// EXPECT call: lockdep_assert_irqs_disabled
// EXPECT context: SpinLockedIrqsave<kctx::spinlock_t, kctx::ProcessCtx>
// EXPECT fix: KCTX_LOCAL_IRQ_SAVE
#include <kctx/kctx.hpp>
#include <kctx/lock/lockdep.hpp>

using namespace kctx;

#ifdef FIXED
void update(ProcessCtx ctx, raw_spinlock_t *lock, int &count)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, *lock) {
        lockdep_assert_irqs_disabled(ctx);
        count++;
    }
}
#else
void update(ProcessCtx ctx, spinlock_t *lock, int &count)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, *lock) {
        lockdep_assert_irqs_disabled(ctx); // <-- error
        count++;
    }
}
#endif
