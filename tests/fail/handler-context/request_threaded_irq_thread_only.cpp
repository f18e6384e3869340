// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: request_threaded_irq
// EXPECT context: touch_thread.* thread in a ThreadedIrqCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static irqreturn_t touch_thread(ThreadedIrqCtx, int, void *) { return IRQ_HANDLED; }
#else
static irqreturn_t touch_thread(HardIrqCtx, int, void *) { return IRQ_HANDLED; }
#endif

int touch_probe(ProcessCtx ctx, void *dev)
{
    constexpr auto thread = handler<touch_thread>;
    return request_threaded_irq(ctx, 6, nullptr, thread, IRQF_ONESHOT, "touch", dev); // <-- error
}
