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
    int tm_sec = 0;  ///< 0 to 59
    int tm_min = 0;  ///< 0 to 59
    int tm_hour = 0; ///< 0 to 23
    int tm_mday = 0; ///< from 1 on
    int tm_mon = 0;  ///< from 0, January, on
    int tm_year = 0; ///< since 1900
    int tm_wday = 0; ///< from 0, Sunday, on
};

KCTX_CALL(sleeps, int, rtc_read_time, (rtc_device * rtc, rtc_time *time), (rtc, time),
          "takes a mutex, and the chip is behind a bus", KCTX_DO_LATER,
          "drivers/rtc/interface.c rtc_read_time()")
KCTX_CALL(sleeps, int, rtc_set_time, (rtc_device * rtc, rtc_time *time), (rtc, time),
          "takes a mutex, and the chip is behind a bus", KCTX_DO_LATER,
          "drivers/rtc/interface.c rtc_set_time()")

} // namespace kctx
