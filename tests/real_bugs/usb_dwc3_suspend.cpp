// SPDX-License-Identifier: BSL-1.0
// BUG: usb, dwc3: the device's suspend waits for a running handler with the handler's lock held
// CONTEXT: spin_lock_irqsave
// CHAIN: dwc3_suspend > dwc3_gadget_suspend > synchronize_irq
// SOURCE: 41a91c606e7d, https://lore.kernel.org/r/20190522192338.23715-25-sashal@kernel.org
// EXPECT slug: sleep-in-atomic
// EXPECT call: synchronize_irq
// EXPECT context: SpinLockedIrqsave<.*dwc3_lock, kctx::ProcessCtx>
// EXPECT fix: in process context
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct dwc3_lock : spinlock_t {};
struct dwc3 {
    dwc3_lock lock;
    unsigned int irq = 0;
    bool running = true;
};

template <context C> void dwc3_gadget_suspend([[maybe_unused]] C ctx, dwc3 *dwc)
{
    dwc->running = false;
#ifndef FIXED
    synchronize_irq(ctx, dwc->irq); // <-- error
#endif
}

void dwc3_suspend(ProcessCtx ctx, dwc3 *dwc)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, dwc->lock) {
        dwc3_gadget_suspend(ctx, dwc);
    }
#ifdef FIXED
    synchronize_irq(ctx, dwc->irq);
#endif
}
