// SPDX-License-Identifier: BSL-1.0
/// @file
/// GPIO lines. Those of a chip behind a bus are for the _cansleep forms; the others warn about them
/// at run time.
/// @par Kernel source
/// include/linux/gpio/consumer.h, drivers/gpio/gpiolib.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/device.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A line; the environment's.
struct gpio_desc;

#define KCTX_GPIO_WHY "takes the lock of the chip"
#define KCTX_GPIO_SLEEP_WHY "may talk to the chip over a bus"
#define KCTX_GPIO_FIX "gpiod_get_value() or gpiod_set_value() if the chip is memory-mapped, or a work item"

KCTX_CALL(locks, int, gpiod_get_value, (const gpio_desc *line), (line), KCTX_GPIO_WHY,
          KCTX_DO_OUTSIDE_RAW, "drivers/gpio/gpiolib.c gpiod_get_value()")
KCTX_CALL(locks, void, gpiod_set_value, (gpio_desc * line, int value), (line, value), KCTX_GPIO_WHY,
          KCTX_DO_OUTSIDE_RAW, "drivers/gpio/gpiolib.c gpiod_set_value()")
KCTX_CALL(sleeps, int, gpiod_get_value_cansleep, (const gpio_desc *line), (line),
          KCTX_GPIO_SLEEP_WHY, KCTX_GPIO_FIX, "drivers/gpio/gpiolib.c gpiod_get_value_cansleep()")
KCTX_CALL(sleeps, void, gpiod_set_value_cansleep, (gpio_desc * line, int value), (line, value),
          KCTX_GPIO_SLEEP_WHY, KCTX_GPIO_FIX, "drivers/gpio/gpiolib.c gpiod_set_value_cansleep()")
KCTX_CALL(sleeps, int, gpiod_direction_output, (gpio_desc * line, int value), (line, value),
          "asks pin control, which takes mutexes",
          "set the direction at probe time, and only the value here",
          "drivers/gpio/gpiolib.c gpiod_direction_output()")
KCTX_CALL(sleeps, int, gpiod_direction_input, (gpio_desc * line), (line),
          "asks pin control, which takes mutexes", "set the direction at probe time",
          "drivers/gpio/gpiolib.c gpiod_direction_input()")
/// The line of that name; an error pointer if there is none.
KCTX_CALL(sleeps, gpio_desc *, gpiod_get, (device * dev, const char *name, unsigned long flags),
          (dev, name, flags), "looks the line up and takes mutexes", KCTX_DO_AT_PROBE,
          "drivers/gpio/gpiolib.c gpiod_get()")
/// The same, given back with the device.
KCTX_CALL(sleeps, gpio_desc *, devm_gpiod_get,
          (device * dev, const char *name, unsigned long flags), (dev, name, flags),
          "looks the line up and takes mutexes", KCTX_DO_AT_PROBE,
          "drivers/gpio/gpiolib-devres.c devm_gpiod_get()")

} // namespace kctx
