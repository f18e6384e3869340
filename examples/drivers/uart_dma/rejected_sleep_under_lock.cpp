// SPDX-License-Identifier: BSL-1.0
// The break as it is written first: the register must not change meanwhile, so the lock is kept.
// For a quarter of a second, with interrupts off; and msleep() gives up the CPU.
#include "uart_dma.hpp"

#include <kctx/api/kernel.hpp>

using namespace uart_dma;

int uart_dma::send_break(SyscallCtx ctx, port *p, unsigned int msecs)
{
    KCTX_MUTEX_LOCK(ctx, p->config) {
        if (!p->open)
            return -EIO;
        KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
            writel(ENABLE | BREAK, p->base + CONTROL);
            msleep(ctx, msecs); // <-- rejected
            writel(ENABLE, p->base + CONTROL);
        }
    }
    return 0;
}
