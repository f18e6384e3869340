// SPDX-License-Identifier: BSL-1.0
/// @file
/// Clocks that run without power.
/// @par Kernel source
/// include/linux/rtc.h, drivers/rtc/interface.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A clock; the environment's.
struct rtc_device;
/// A date and time.
struct rtc_time {
    int tm_sec = 0, tm_min = 0, tm_hour = 0, tm_mday = 0, tm_mon = 0, tm_year = 0, tm_wday = 0;
};

KCTX_CALL(sleeps, int, rtc_read_time, (rtc_device * rtc, rtc_time *time), (rtc, time),
          "takes a mutex, and the chip is behind a bus", KCTX_DO_LATER,
          "drivers/rtc/interface.c rtc_read_time()")
KCTX_CALL(sleeps, int, rtc_set_time, (rtc_device * rtc, rtc_time *time), (rtc, time),
          "takes a mutex, and the chip is behind a bus", KCTX_DO_LATER,
          "drivers/rtc/interface.c rtc_set_time()")

} // namespace kctx
