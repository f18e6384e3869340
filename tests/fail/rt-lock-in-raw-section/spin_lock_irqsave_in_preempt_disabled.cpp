// SPDX-License-Identifier: BSL-1.0
// The pair form.
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock_irqsave
// EXPECT context: PreemptDisabled<kctx::KthreadCtx>
// EXPECT fix: raw_spinlock_t
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

#ifdef FIXED
struct run_lock : raw_spinlock_t {};
#else
struct run_lock : spinlock_t {};
#endif

void next_task(KthreadCtx ctx, run_lock *lock, int &task)
{
    unsigned long flags = 0;
    auto here = preempt_disable(ctx);
#ifdef FIXED
    auto held = raw_spin_lock_irqsave(here, lock, flags);
    task++;
    here = raw_spin_unlock_irqrestore(held, lock, flags);
#else
    auto held = spin_lock_irqsave(here, lock, flags); // <-- error
    task++;
    here = spin_unlock_irqrestore(held, lock, flags);
#endif
    preempt_enable(here);
}
