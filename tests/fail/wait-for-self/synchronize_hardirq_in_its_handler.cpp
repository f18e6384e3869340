// SPDX-License-Identifier: BSL-1.0
// kernel/irq/manage.c, __synchronize_hardirq(): spins while the handler is in progress.
// EXPECT slug: wait-for-self
// EXPECT call: synchronize_hardirq
// EXPECT context: CallbackOf<kctx::irq_of<card>, kctx::HardIrqCtx>
// EXPECT fix: disable_irq_nosync()
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct card {
    irq_of<card> irq;
};

irqreturn_t card_isr(CallbackOf<irq_of<card>, HardIrqCtx> ctx, int, void *dev)
{
    auto *const c = static_cast<card *>(dev);
    disable_irq_nosync(ctx, c->irq);
#ifndef FIXED
    synchronize_hardirq(ctx, c->irq); // <-- error
#endif
    return IRQ_HANDLED;
}

int probe(ProcessCtx ctx, card &c)
{
    return request_irq(ctx, c.irq, handler<card_isr>, IRQF_NO_THREAD, "card", &c);
}
