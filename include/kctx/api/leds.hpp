// SPDX-License-Identifier: BSL-1.0
/// @file
/// LEDs and the triggers that light them.
/// @par Kernel source
/// include/linux/leds.h, drivers/leds/led-core.c, drivers/leds/led-triggers.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// What a LED shows.
enum led_brightness : unsigned int { LED_OFF = 0, LED_ON = 1, LED_HALF = 127, LED_FULL = 255 };
struct led_classdev; ///< a LED; the environment's
struct led_trigger;  ///< what lights LEDs when something happens; the environment's

/// Sets it at once, or in a work item if the driver sleeps.
KCTX_CALL(locks, void, led_set_brightness, (led_classdev * led, unsigned int brightness),
          (led, brightness), "calls the driver of the LED, which takes spinlocks",
          KCTX_DO_OUTSIDE_RAW, "drivers/leds/led-core.c led_set_brightness()")
KCTX_CALL(sleeps, int, led_set_brightness_sync, (led_classdev * led, unsigned int brightness),
          (led, brightness), "waits for the driver of the LED",
          "led_set_brightness(), which leaves it to a work item",
          "drivers/leds/led-core.c led_set_brightness_sync()")
/// Sets all LEDs of a trigger.
KCTX_CALL(locks, void, led_trigger_event, (led_trigger * trigger, led_brightness brightness),
          (trigger, brightness), "calls the drivers of the LEDs, which take spinlocks",
          KCTX_DO_OUTSIDE_RAW, "drivers/leds/led-triggers.c led_trigger_event()")

} // namespace kctx
