// SPDX-License-Identifier: BSL-1.0
// BUG: PCI endpoint, pci-epf-test: a doorbell's handler raises an interrupt, which takes a mutex
// CONTEXT: hard irq
// CHAIN: pci_epf_test_doorbell_handler > raise_irq > pci_epc_get_msi > mutex_lock
// SOURCE: Fixes eff0c286aa91, https://lore.kernel.org/r/20251014024109.42287-1-bhanuseshukumar@gmail.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock
// EXPECT context: IrqCtx
// EXPECT fix: work item
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct epc_lock : mutex {};
struct pci_epc {
    epc_lock lock;
    int msi;
};

template <context C> int pci_epc_get_msi(C ctx, pci_epc *epc)
{
    int msi = 0;
    KCTX_MUTEX_LOCK(ctx, epc->lock) { // <-- error
        msi = epc->msi;
    }
    return msi;
}

template <context C> void raise_irq(C ctx, pci_epc *epc)
{
    if (pci_epc_get_msi(ctx, epc) <= 0)
        pr_err("no MSI\n");
}

#ifdef FIXED
irqreturn_t doorbell_handler(ThreadedIrqCtx ctx, int, void *data)
#else
irqreturn_t doorbell_handler(IrqCtx ctx, int, void *data)
#endif
{
    raise_irq(ctx, static_cast<pci_epc *>(data));
    return IRQ_HANDLED;
}

int enable_doorbell(ProcessCtx ctx, pci_epc *epc, unsigned int irq)
{
#ifdef FIXED
    return request_threaded_irq(ctx, irq, nullptr, handler<doorbell_handler>, IRQF_ONESHOT,
                                "doorbell", epc);
#else
    return request_irq(ctx, irq, handler<doorbell_handler>, IRQF_TRIGGER_NONE, "doorbell", epc);
#endif
}
