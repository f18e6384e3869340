// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irq-oneshot
// EXPECT call: request_threaded_irq
// EXPECT context: any context
// EXPECT fix: IRQF_ONESHOT
#include <kctx/api/gpio.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static irqreturn_t expander_thread(ThreadedIrqCtx, int, void *) { return IRQ_HANDLED; }

int expander_attach(WorkCtx ctx, void *dev)
{
    constexpr auto thread = handler<expander_thread>;
#ifdef FIXED
    return request_threaded_irq(ctx, 7, nullptr, thread, IRQF_SHARED | IRQF_ONESHOT, "gpio", dev);
#else
    return request_threaded_irq(ctx, 7, nullptr, thread, IRQF_SHARED, "gpio", dev); // <-- error
#endif
}
