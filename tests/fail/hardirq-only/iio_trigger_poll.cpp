// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: hardirq-only
// EXPECT call: iio_trigger_poll
// EXPECT context: ThreadedIrqCtx
// EXPECT fix: IRQF_NO_THREAD
#include <kctx/api/iio.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
irqreturn_t ready(HardIrqCtx ctx, int, iio_trigger *trigger)
#else
irqreturn_t ready(ThreadedIrqCtx ctx, int, iio_trigger *trigger)
#endif
{
    iio_trigger_poll(ctx, trigger); // <-- error
    return IRQ_HANDLED;
}
