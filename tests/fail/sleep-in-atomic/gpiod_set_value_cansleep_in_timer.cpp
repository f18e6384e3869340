// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: gpiod_set_value_cansleep
// EXPECT context: TimerCtx
// EXPECT fix: gpiod_set_value()
#include <kctx/api/gpio.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct blinker {
    timer_list timer;
    gpio_desc *led;
};

void blink(TimerCtx ctx, timer_list *t)
{
    blinker *b = container_of(t, blinker, timer);
#ifdef FIXED
    gpiod_set_value(ctx, b->led, 1);
#else
    gpiod_set_value_cansleep(ctx, b->led, 1); // <-- error
#endif
}
