// SPDX-License-Identifier: BSL-1.0
// BUG: cpu_pm: the idle task calls an atomic notifier chain, whose lock sleeps on PREEMPT_RT
// CONTEXT: idle task, interrupts off, on PREEMPT_RT
// CHAIN: cpu_pm_enter > atomic_notifier_call_chain_robust > spin_lock_irqsave
// SOURCE: Fixes 70d932985757, https://lore.kernel.org/r/20210811201432.1976916-2-valentin.schneider@arm.com
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock_irqsave
// EXPECT context: IdleCtx
// EXPECT fix: raw_spinlock_t
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
struct cpu_pm_notifier_lock : raw_spinlock_t {};
#else
struct cpu_pm_notifier_lock : spinlock_t {};
#endif
struct cpu_pm_notifier {
    cpu_pm_notifier_lock lock;
    int (*call)(unsigned long);
};

int cpu_pm_enter(IdleCtx ctx, cpu_pm_notifier *chain)
{
#ifdef FIXED
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, chain->lock) {
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, chain->lock) { // <-- error
#endif
        return chain->call != nullptr ? 1 : 0;
    }
    return 0;
}
