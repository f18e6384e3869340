// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: request_threaded_irq
// EXPECT context: touch_thread.* thread in a ThreadedIrqCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static irqreturn_t touch_isr(HardIrqCtx, int, void *) { return IRQ_WAKE_THREAD; }
#ifdef FIXED
static irqreturn_t touch_thread(ThreadedIrqCtx, int, void *) { return IRQ_HANDLED; }
#else
static irqreturn_t touch_thread(IrqCtx, int, void *) { return IRQ_HANDLED; }
#endif

int touch_probe(ProcessCtx ctx, void *dev)
{
    constexpr auto isr = handler<touch_isr>;
    constexpr auto thread = handler<touch_thread>;
    return request_threaded_irq(ctx, 6, isr, thread, IRQF_SHARED, "touch", dev); // <-- error
}
