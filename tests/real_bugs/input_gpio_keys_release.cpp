// SPDX-License-Identifier: BSL-1.0
// BUG: input, gpio-keys: the release timer expires in a hard irq and reports an event
// CONTEXT: hard irq, an hrtimer, on PREEMPT_RT
// CHAIN: __hrtimer_run_queues > gpio_keys_irq_timer > input_event > spin_lock_irqsave
// SOURCE: Fixes 019002f20cb5, https://lore.kernel.org/r/20250528-gpio_keys_preempt_rt-v2-1-3fc55a9c3619@foss.st.com
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: input_event
// EXPECT context: HrtimerCtx<.*hard>
// EXPECT fix: after the raw section
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/input.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct gpio_button_data {
    hrtimer release_timer;
    input_dev *input;
};

#ifdef FIXED
hrtimer_restart gpio_keys_irq_timer(HrtimerCtx<soft> ctx, hrtimer *timer)
#else
hrtimer_restart gpio_keys_irq_timer(HrtimerCtx<hard> ctx, hrtimer *timer)
#endif
{
    gpio_button_data *button = container_of(timer, gpio_button_data, release_timer);
    input_event(ctx, button->input, 1, 30, 0); // <-- error
    return HRTIMER_NORESTART;
}

void gpio_keys_setup_key(gpio_button_data *button)
{
#ifdef FIXED
    hrtimer_setup(&button->release_timer, handler<gpio_keys_irq_timer>, CLOCK_REALTIME,
                  HRTIMER_MODE_REL_SOFT);
#else
    hrtimer_setup(&button->release_timer, handler<gpio_keys_irq_timer>, CLOCK_REALTIME,
                  HRTIMER_MODE_REL_HARD);
#endif
}
