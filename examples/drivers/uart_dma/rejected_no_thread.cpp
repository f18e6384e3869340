// SPDX-License-Identifier: BSL-1.0
// "The UART overruns on PREEMPT_RT, so keep its interrupt out of the thread." Then the handler is a
// true hard irq, and the port's lock, which it takes, is one that sleeps there.
#include "uart_dma.hpp"

using namespace uart_dma;

static irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<port *>(dev);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        p->overruns++;
    }
    return IRQ_HANDLED;
}

int start(SyscallCtx ctx, port *p)
{
    return request_irq(ctx, p->irq, handler<isr>, IRQF_NO_THREAD, "uart_dma", p); // <-- rejected
}
