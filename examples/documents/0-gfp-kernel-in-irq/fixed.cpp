// SPDX-License-Identifier: BSL-1.0
// The first buffer is allocated where waiting is allowed, those of the interrupt handler do not
// wait. They may be refused, and then the packet is dropped and its buffer used again.
#define KCTX_KERNEL_VERSION KCTX_VERSION(2, 6, 33)
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr size_t RX_BUF_SIZE = 4096;

struct rx_dma {
    void *buffer;
    unsigned long received;
    unsigned long dropped;
};

// Hands the full buffer to the caller, and an empty one to the device.
static void *init_rx_dma(IrqCtx ctx, rx_dma *rx)
{
    void *full = rx->buffer;
    rx->buffer = KCTX_TRY(kmalloc(ctx, RX_BUF_SIZE, GFP_ATOMIC), return nullptr);
    return full;
}

static irqreturn_t drv_interrupt(IrqCtx ctx, int, void *dev)
{
    auto *rx = static_cast<rx_dma *>(dev);
    if (void *full = init_rx_dma(ctx, rx)) {
        rx->received++;
        kfree(ctx, full); // where a real driver would pass it on
    } else {
        rx->dropped++;
    }
    return IRQ_HANDLED;
}

int drv_probe(ProcessCtx ctx, unsigned int irq, rx_dma *rx)
{
    rx->buffer = KCTX_TRY(kmalloc(ctx, RX_BUF_SIZE, GFP_KERNEL), return -ENOMEM);
    const int error = request_irq(ctx, irq, handler<drv_interrupt>, IRQF_TRIGGER_HIGH, "drv", rx);
    if (error != 0)
        kfree(ctx, rx->buffer);
    return error;
}
