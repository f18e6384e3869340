// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: devm_request_threaded_irq
// EXPECT context: TimerCtx
// EXPECT fix: probe time
#include <kctx/api/devm_irq.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

irqreturn_t serve(ThreadedIrqCtx, int, void *) { return IRQ_HANDLED; }

#ifdef FIXED
using context_t = ProcessCtx;
#else
using context_t = TimerCtx;
#endif

int attach(context_t ctx, device *dev)
{
    return devm_request_threaded_irq(ctx, dev, 7, nullptr, handler<serve>, // <-- error
                                     IRQF_ONESHOT, "card", nullptr);
}
