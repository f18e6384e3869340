// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: request_irq
// EXPECT context: in an IrqCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static irqreturn_t card_isr(IrqCtx, int, void *) { return IRQ_HANDLED; }
#else
static irqreturn_t card_isr(ProcessCtx, int, void *) { return IRQ_HANDLED; }
#endif

int card_probe(ProcessCtx ctx, void *card)
{
    return request_irq(ctx, 11, handler<card_isr>, IRQF_SHARED, "card", card); // <-- error
}
