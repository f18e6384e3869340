// SPDX-License-Identifier: BSL-1.0
/// @file
/// Timers that wake the system up.
/// @par Kernel source
/// include/linux/alarmtimer.h, kernel/time/alarmtimer.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/types.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A timer; the environment's.
struct alarm;

KCTX_CALL(locks, void, alarm_start, (alarm * timer, ktime_t when), (timer, when),
          "takes the lock of the base", KCTX_DO_OUTSIDE_RAW,
          "kernel/time/alarmtimer.c alarm_start()")
KCTX_CALL(locks, int, alarm_try_to_cancel, (alarm * timer), (timer), "takes the lock of the base",
          KCTX_DO_OUTSIDE_RAW, "kernel/time/alarmtimer.c alarm_try_to_cancel()")

} // namespace kctx
