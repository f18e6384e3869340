// SPDX-License-Identifier: BSL-1.0
// IRQF_NO_THREAD makes it a true hard irq, on PREEMPT_RT as well.
// EXPECT slug: handler-context
// EXPECT call: request_irq
// EXPECT context: with IRQF_NO_THREAD or IRQF_PERCPU a HardIrqCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static irqreturn_t tick_isr(HardIrqCtx, int, void *) { return IRQ_HANDLED; }
#else
static irqreturn_t tick_isr(IrqCtx, int, void *) { return IRQ_HANDLED; }
#endif

int tick_probe(ProcessCtx ctx, void *dev)
{
    return request_irq(ctx, 0, handler<tick_isr>, IRQF_NO_THREAD, "tick", dev); // <-- error
}
