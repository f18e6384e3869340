// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: devm_request_irq
// EXPECT context: in an IrqCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/devm_irq.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static irqreturn_t card_isr(IrqCtx, int, void *) { return IRQ_HANDLED; }
#else
static irqreturn_t card_isr(WorkCtx, int, void *) { return IRQ_HANDLED; }
#endif

int card_probe(ProcessCtx ctx, device *dev, void *card)
{
    return devm_request_irq(ctx, dev, 11, handler<card_isr>, IRQF_SHARED, // <-- error
                            "card", card);
}
