// SPDX-License-Identifier: BSL-1.0
// BUG: iio, hrtimer trigger: what runs the handlers of hard irqs runs in a softirq on PREEMPT_RT
// CONTEXT: hrtimer of no particular mode
// CHAIN: iio_hrtimer_trig_handler > iio_trigger_poll > generic_handle_irq
// SOURCE: Fixes f5c2f0215e36, https://lore.kernel.org/r/20201117103751.16131-1-lars@metafoo.de
// EXPECT slug: hardirq-only
// EXPECT call: iio_trigger_poll
// EXPECT context: HrtimerCtx<
// EXPECT fix: IRQF_NO_THREAD
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/iio.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct iio_hrtimer_info {
    hrtimer timer;
    iio_trigger *trigger;
};

#ifdef FIXED
hrtimer_restart iio_hrtimer_trig_handler(HrtimerCtx<hard> ctx, hrtimer *timer)
#else
hrtimer_restart iio_hrtimer_trig_handler(HrtimerCtx<> ctx, hrtimer *timer)
#endif
{
    hrtimer_forward_now(ctx, timer, 1000000);
    iio_trigger_poll(ctx, container_of(timer, iio_hrtimer_info, timer)->trigger); // <-- error
    return HRTIMER_RESTART;
}

void iio_trig_hrtimer_probe(iio_hrtimer_info *info)
{
#ifdef FIXED
    hrtimer_setup(&info->timer, handler<iio_hrtimer_trig_handler>, CLOCK_MONOTONIC,
                  HRTIMER_MODE_REL_HARD);
#else
    hrtimer_setup(&info->timer, handler<iio_hrtimer_trig_handler>, CLOCK_MONOTONIC,
                  HRTIMER_MODE_REL);
#endif
}
