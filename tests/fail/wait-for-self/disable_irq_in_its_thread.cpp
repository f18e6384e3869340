// SPDX-License-Identifier: BSL-1.0
// kernel/irq/manage.c, disable_irq(): waits for the thread of the line, too.
// EXPECT slug: wait-for-self
// EXPECT call: disable_irq
// EXPECT context: CallbackOf<kctx::irq_of<card>, kctx::ThreadedIrqCtx>
// EXPECT fix: disable_irq_nosync()
#include <kctx/api/devm_irq.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct card {
    irq_of<card> irq;
    irq_of<struct phy> phy_irq;
};

irqreturn_t card_thread(CallbackOf<irq_of<card>, ThreadedIrqCtx> ctx, int, void *dev)
{
    auto *const c = static_cast<card *>(dev);
    disable_irq(ctx, c->phy_irq); // another line
#ifdef FIXED
    disable_irq_nosync(ctx, c->irq);
#else
    disable_irq(ctx, c->irq); // <-- error
#endif
    return IRQ_HANDLED;
}

int probe(ProcessCtx ctx, device *dev, card &c, unsigned int irq)
{
    c.irq = irq_of<card>(irq);
    return devm_request_threaded_irq(ctx, dev, c.irq, nullptr, handler<card_thread>, IRQF_ONESHOT,
                                     "card", &c);
}
void suspend(ProcessCtx ctx, card &c) { disable_irq(ctx, c.irq); }
