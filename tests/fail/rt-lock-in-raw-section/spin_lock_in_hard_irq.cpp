// SPDX-License-Identifier: BSL-1.0
// PREEMPT_RT does not thread an IRQF_NO_THREAD handler.
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock
// EXPECT context: HardIrqCtx
// EXPECT fix: raw_spinlock_t
// FLAGS: -DKCTX_PREEMPT_RT=1
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct fifo_lock : spinlock_t {};

#ifdef FIXED
static irqreturn_t timer_isr([[maybe_unused]] IrqCtx ctx, int, void *dev)
#else
static irqreturn_t timer_isr([[maybe_unused]] HardIrqCtx ctx, int, void *dev)
#endif
{
    KCTX_SPIN_LOCK(ctx, *static_cast<fifo_lock *>(dev)) { // <-- error
        return IRQ_HANDLED;
    }
    return IRQ_NONE;
}

int timer_probe(ProcessCtx ctx, fifo_lock *lock)
{
#ifdef FIXED
    return request_irq(ctx, 1, handler<timer_isr>, IRQF_TRIGGER_NONE, "timer", lock);
#else
    return request_irq(ctx, 1, handler<timer_isr>, IRQF_NO_THREAD, "timer", lock);
#endif
}
