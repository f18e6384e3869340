// SPDX-License-Identifier: BSL-1.0
// BUG: usb gadget, gr_udc: the whole probe function holds the spinlock of the device
// CONTEXT: spin_lock
// CHAIN: gr_probe > devm_request_threaded_irq
// SOURCE: 9c1ed62ae069, https://lore.kernel.org/r/20200214154854.6746-75-sashal@kernel.org
// EXPECT slug: sleep-in-atomic
// EXPECT call: request_threaded_irq
// EXPECT context: SpinLocked<.*gr_lock, kctx::ProcessCtx>
// EXPECT fix: probe time
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct gr_lock : spinlock_t {};
struct gr_udc {
    gr_lock lock;
    bool added = false;
};

irqreturn_t gr_irq(HardIrqCtx, int, void *) { return IRQ_WAKE_THREAD; }
irqreturn_t gr_irq_handler(ThreadedIrqCtx, int, void *) { return IRQ_HANDLED; }

int gr_probe(ProcessCtx ctx, gr_udc *dev, unsigned int irq)
{
#ifdef FIXED
    KCTX_SPIN_LOCK(ctx, dev->lock) {
        dev->added = true;
    }
    return request_threaded_irq(ctx, irq, handler<gr_irq>, handler<gr_irq_handler>, IRQF_SHARED,
                                "gr_udc", dev);
#else
    KCTX_SPIN_LOCK(ctx, dev->lock) {
        dev->added = true;
        return request_threaded_irq(ctx, irq, handler<gr_irq>, handler<gr_irq_handler>, // <-- error
                                    IRQF_SHARED, "gr_udc", dev);
    }
    return 0;
#endif
}
