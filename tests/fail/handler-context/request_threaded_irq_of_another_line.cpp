// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: request_threaded_irq
// EXPECT context: any context
// EXPECT fix: give the irq_of<> of its token
// UNCHECKED: rejected
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct card {
    irq_of<card> irq;
    irq_of<struct phy> phy_irq;
};

irqreturn_t card_thread(CallbackOf<irq_of<card>, ThreadedIrqCtx> ctx, int, void *)
{
    msleep(ctx, 1);
    return IRQ_HANDLED;
}

int probe(ProcessCtx ctx, card &c)
{
#ifdef FIXED
    const auto line = c.irq;
#else
    const auto line = c.phy_irq;
#endif
    return request_threaded_irq(ctx, line, nullptr, handler<card_thread>, IRQF_ONESHOT, // <-- error
                                "card", &c);
}
