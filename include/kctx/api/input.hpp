// SPDX-License-Identifier: BSL-1.0
/// @file
/// Input devices.
/// @par Kernel source
/// include/linux/input.h, drivers/input/input.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A keyboard, mouse, touch screen, ...; the environment's.
struct input_dev;

#define KCTX_INPUT_WHY "takes event_lock"
#define KCTX_INPUT_FIX "report the event after the raw section"

/// Reports an event.
KCTX_CALL(locks, void, input_event,
          (input_dev * dev, unsigned int type, unsigned int code, int value),
          (dev, type, code, value), KCTX_INPUT_WHY, KCTX_INPUT_FIX,
          "drivers/input/input.c input_event()")
KCTX_CALL(locks, void, input_report_key, (input_dev * dev, unsigned int code, int value),
          (dev, code, value), KCTX_INPUT_WHY, KCTX_INPUT_FIX,
          "include/linux/input.h input_report_key()")
KCTX_CALL(locks, void, input_report_abs, (input_dev * dev, unsigned int code, int value),
          (dev, code, value), KCTX_INPUT_WHY, KCTX_INPUT_FIX,
          "include/linux/input.h input_report_abs()")
/// Ends a group of events.
KCTX_CALL(locks, void, input_sync, (input_dev * dev), (dev), KCTX_INPUT_WHY, KCTX_INPUT_FIX,
          "include/linux/input.h input_sync()")
KCTX_CALL(sleeps, int, input_register_device, (input_dev * dev), (dev),
          "takes a mutex and allocates", KCTX_DO_AT_PROBE,
          "drivers/input/input.c input_register_device()")
KCTX_CALL(sleeps, void, input_unregister_device, (input_dev * dev), (dev), "takes a mutex",
          KCTX_DO_AT_PROBE, "drivers/input/input.c input_unregister_device()")

} // namespace kctx
