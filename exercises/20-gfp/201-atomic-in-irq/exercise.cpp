// SPDX-License-Identifier: BSL-1.0
// A driver gives its device a new receive buffer from the interrupt handler.
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr size_t RX_BUF_SIZE = 4096;

struct rx_dma {
    void *buffer; // the device writes into it
    unsigned long received;
    unsigned long dropped;
};

// Hands the full buffer to the caller and gives the device an empty one. Without one the packet is
// dropped: the device keeps the buffer that it has, and nullptr is returned.
static void *init_rx_dma(IrqCtx ctx, rx_dma *rx)
{
    void *full = rx->buffer;
    // [[solve]]
    rx->buffer = KCTX_TRY(kmalloc(ctx, RX_BUF_SIZE, GFP_ATOMIC), return nullptr);
    // [[stub]]
    rx->buffer = KCTX_TRY(kmalloc(ctx, RX_BUF_SIZE, GFP_KERNEL), return nullptr); // TODO 1
    // [[wrong noio]]
    rx->buffer = KCTX_TRY(kmalloc(ctx, RX_BUF_SIZE, GFP_NOIO), return nullptr);
    // [[wrong unchecked]]
    rx->buffer = kmalloc(ctx, RX_BUF_SIZE, GFP_ATOMIC);
    // [[wrong device-has-none]]
    rx->buffer = nullptr;
    rx->buffer = KCTX_TRY(kmalloc(ctx, RX_BUF_SIZE, GFP_ATOMIC), kfree(ctx, full); return nullptr);
    // [[end]]
    return full;
}

irqreturn_t drv_interrupt(IrqCtx ctx, int, void *dev)
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
