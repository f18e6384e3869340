// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: msleep
// EXPECT context: IrqCtx
// EXPECT fix: udelay
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct uart {
    int line;
    bool ready;
};

static irqreturn_t uart_isr(IrqCtx ctx, int, void *dev)
{
    static_cast<uart *>(dev)->ready = true;
#ifdef FIXED
    static_cast<void>(ctx);
    udelay(5);
#else
    msleep(ctx, 5); // <-- error
#endif
    return IRQ_HANDLED;
}

int uart_probe(ProcessCtx ctx, uart *u)
{
    return request_irq(ctx, 4, handler<uart_isr>, IRQF_SHARED, "uart", u);
}
