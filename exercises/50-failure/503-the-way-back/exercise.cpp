// SPDX-License-Identifier: BSL-1.0
// The probe of a driver takes three things. Any of them may be refused.
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct adapter {
    void *rx_ring;
    void *tx_ring;
    unsigned int irq;
};

// The device has put something into its ring.
irqreturn_t adapter_isr(IrqCtx, int, void *dev)
{
    *static_cast<u8 *>(static_cast<adapter *>(dev)->rx_ring) = 0;
    return IRQ_HANDLED;
}

// Takes 4 kB for each ring and the interrupt; 0, -ENOMEM, or what request_irq() says.
int adapter_probe(ProcessCtx ctx, adapter *a, unsigned int irq)
{
    // [[solve]]
    a->rx_ring = KCTX_TRY(kzalloc(ctx, 4096, GFP_KERNEL), return -ENOMEM);
    a->tx_ring = KCTX_TRY(kzalloc(ctx, 4096, GFP_KERNEL), kfree(ctx, a->rx_ring); return -ENOMEM);
    a->irq = irq;
    const int error = request_irq(ctx, irq, handler<adapter_isr>, IRQF_TRIGGER_HIGH, "adapter", a);
    if (error != 0) {
        kfree(ctx, a->tx_ring);
        kfree(ctx, a->rx_ring);
    }
    return error;
    // [[stub]]
    // TODO 1: what does each failure leave behind?
    a->rx_ring = KCTX_TRY(kzalloc(ctx, 4096, GFP_KERNEL), return -ENOMEM);
    a->tx_ring = KCTX_TRY(kzalloc(ctx, 4096, GFP_KERNEL), return -ENOMEM);
    a->irq = irq;
    return request_irq(ctx, irq, handler<adapter_isr>, IRQF_TRIGGER_HIGH, "adapter", a);
    // [[wrong irq-error]]
    a->rx_ring = KCTX_TRY(kzalloc(ctx, 4096, GFP_KERNEL), return -ENOMEM);
    a->tx_ring = KCTX_TRY(kzalloc(ctx, 4096, GFP_KERNEL), kfree(ctx, a->rx_ring); return -ENOMEM);
    a->irq = irq;
    return request_irq(ctx, irq, handler<adapter_isr>, IRQF_TRIGGER_HIGH, "adapter", a);
    // [[wrong frees-twice]]
    a->rx_ring = KCTX_TRY(kzalloc(ctx, 4096, GFP_KERNEL), return -ENOMEM);
    a->tx_ring = KCTX_TRY(kzalloc(ctx, 4096, GFP_KERNEL), kfree(ctx, a->rx_ring);
                          kfree(ctx, a->rx_ring); return -ENOMEM);
    a->irq = irq;
    const int error = request_irq(ctx, irq, handler<adapter_isr>, IRQF_TRIGGER_HIGH, "adapter", a);
    if (error != 0) {
        kfree(ctx, a->tx_ring);
        kfree(ctx, a->rx_ring);
    }
    return error;
    // [[end]]
}

// After a probe that returned 0.
void adapter_remove(ProcessCtx ctx, adapter *a)
{
    // [[solve]]
    free_irq(ctx, a->irq, a);
    // [[stub]]
    // TODO 2: in the reverse order
    // [[wrong irq-error]]
    free_irq(ctx, a->irq, a);
    // [[wrong frees-twice]]
    free_irq(ctx, a->irq, a);
    // [[end]]
    kfree(ctx, a->tx_ring);
    kfree(ctx, a->rx_ring);
}
