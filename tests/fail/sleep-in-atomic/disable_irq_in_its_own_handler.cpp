// SPDX-License-Identifier: BSL-1.0
// It would wait for itself.
// EXPECT slug: sleep-in-atomic
// EXPECT call: disable_irq
// EXPECT context: IrqCtx
// EXPECT fix: disable_irq_nosync
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static irqreturn_t level_isr(IrqCtx ctx, int irq, void *)
{
#ifdef FIXED
    disable_irq_nosync(ctx, static_cast<unsigned int>(irq));
#else
    disable_irq(ctx, static_cast<unsigned int>(irq)); // <-- error
#endif
    return IRQ_HANDLED;
}

int level_probe(ProcessCtx ctx, void *dev)
{
    return request_irq(ctx, 9, handler<level_isr>, IRQF_TRIGGER_LOW, "level", dev);
}
