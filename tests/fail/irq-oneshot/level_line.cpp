// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irq-oneshot
// EXPECT call: request_threaded_irq
// EXPECT context: any context
// EXPECT fix: IRQF_ONESHOT
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static irqreturn_t touch_thread(ThreadedIrqCtx, int, void *) { return IRQ_HANDLED; }

int touch_probe(ProcessCtx ctx, void *dev)
{
    constexpr auto thread = handler<touch_thread>;
#ifdef FIXED
    constexpr auto flags = IRQF_TRIGGER_LOW | IRQF_ONESHOT;
#else
    constexpr auto flags = IRQF_TRIGGER_LOW;
#endif
    return request_threaded_irq(ctx, 6, nullptr, thread, flags, "touch", dev); // <-- error
}
