// SPDX-License-Identifier: BSL-1.0
// The size of a packet is known in the interrupt alone; without memory it is dropped.
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct port {
    void *packet;
    int dropped;
};

irqreturn_t rx(IrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<port *>(dev);
    p->packet = KCTX_TRY(kmalloc(ctx, 1500, GFP_ATOMIC), p->dropped++; return IRQ_HANDLED);
    return IRQ_HANDLED;
}
