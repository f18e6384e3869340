// SPDX-License-Identifier: BSL-1.0
/// @file
/// Delays: those that sleep, and those that spin and may be used anywhere.
/// @par Kernel source
/// include/linux/delay.h, kernel/time/sleep_timeout.c (6.12).
#pragma once

#include <kctx/declare/call.hpp>

namespace kctx {

namespace env::inline KCTX_ENV_NAMESPACE {
/// Spins for @p nsecs nanoseconds; legal in every context.
void ndelay(unsigned long nsecs) noexcept KCTX_EFFECT_spin;
/// Spins for @p usecs microseconds; legal in every context.
void udelay(unsigned long usecs) noexcept KCTX_EFFECT_spin;
/// Spins for @p msecs milliseconds; legal in every context, and rude in most.
void mdelay(unsigned long msecs) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::mdelay;
using env::ndelay;
using env::udelay;
KCTX_LEGAL_ANYWHERE(mdelay, "spins", "include/linux/delay.h mdelay()")
KCTX_LEGAL_ANYWHERE(ndelay, "spins", "include/linux/delay.h ndelay()")
KCTX_LEGAL_ANYWHERE(udelay, "spins", "include/asm-generic/delay.h udelay()")

#define KCTX_DELAY_WHY "waits for a timer"
#define KCTX_DELAY_FIX "udelay() for a few microseconds, or a timer or work item that continues later"

/// Sleeps for at least @p msecs milliseconds.
KCTX_CALL(sleeps, void, msleep, (unsigned int msecs), (msecs), KCTX_DELAY_WHY, KCTX_DELAY_FIX,
          "kernel/time/sleep_timeout.c msleep()")
/// Sleeps for @p msecs milliseconds or until a signal; returns the milliseconds left.
KCTX_CALL(sleeps, unsigned long, msleep_interruptible, (unsigned int msecs), (msecs),
          KCTX_DELAY_WHY, KCTX_DELAY_FIX, "kernel/time/sleep_timeout.c msleep_interruptible()")
/// Sleeps for @p seconds seconds.
KCTX_CALL(sleeps, void, ssleep, (unsigned int seconds), (seconds), KCTX_DELAY_WHY, KCTX_DELAY_FIX,
          "include/linux/delay.h ssleep()")
/// Sleeps between @p min_us and @p max_us microseconds.
KCTX_CALL(sleeps, void, usleep_range, (unsigned long min_us, unsigned long max_us),
          (min_us, max_us), KCTX_DELAY_WHY, KCTX_DELAY_FIX,
          "kernel/time/sleep_timeout.c usleep_range_state()")
/// Sleeps for @p usecs microseconds, by the means that fits.
KCTX_CALL(sleeps, void, fsleep, (unsigned long usecs), (usecs), KCTX_DELAY_WHY, KCTX_DELAY_FIX,
          "include/linux/delay.h fsleep()")

} // namespace kctx
