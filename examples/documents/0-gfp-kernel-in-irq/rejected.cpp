// SPDX-License-Identifier: BSL-1.0
// A driver gives its device a new receive buffer from the interrupt handler, and waits for memory.
#define KCTX_KERNEL_VERSION KCTX_VERSION(2, 6, 33)
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr size_t RX_BUF_SIZE = 4096;

struct rx_dma {
    void *buffer;
    unsigned long received;
};

static int init_rx_dma(IrqCtx ctx, rx_dma *rx)
{
    rx->buffer = KCTX_TRY(kmalloc(ctx, RX_BUF_SIZE, GFP_KERNEL), return -ENOMEM); // <-- rejected
    return 0;
}

// The log does not name the handler: the compiler made of it and of what it calls one function.
static irqreturn_t drv_interrupt(IrqCtx ctx, int, void *dev)
{
    auto *rx = static_cast<rx_dma *>(dev);
    rx->received++;
    return init_rx_dma(ctx, rx) == 0 ? IRQ_HANDLED : IRQ_NONE;
}

int drv_probe(ProcessCtx ctx, unsigned int irq, rx_dma *rx)
{
    return request_irq(ctx, irq, handler<drv_interrupt>, IRQF_TRIGGER_HIGH, "drv", rx);
}
