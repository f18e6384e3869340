// SPDX-License-Identifier: BSL-1.0
// The size of a packet is known in the interrupt alone.
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct port {
    void *packet;
};

irqreturn_t rx(IrqCtx ctx, int, void *dev)
{
    static_cast<port *>(dev)->packet = kmalloc(ctx, 1500, GFP_ATOMIC); // <-- rejected
    return IRQ_HANDLED;
}
