// SPDX-License-Identifier: BSL-1.0
/// @file
/// The time.
/// @par Kernel source
/// include/linux/timekeeping.h, kernel/time/timekeeping.c (6.12).
#pragma once

#include <kctx/api/ktime.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// Seconds and nanoseconds.
struct timespec64 {
    s64 tv_sec = 0;   ///< seconds, before 1970 negative
    long tv_nsec = 0; ///< 0 to 999,999,999
};

// An NMI may have interrupted the writer that these wait for.
namespace rule {
/// No NMI, which may have interrupted the update that the readers wait for.
struct timekeeper_at_rest {
    static constexpr bool holds(const context_state &s, bool) noexcept { return !s.nmi; }
};
} // namespace rule
#define KCTX_BREAKS_timekeeper_at_rest(name)                                                       \
    "kctx[lock-in-nmi]: " name "() waits for the timekeeper, whose update the NMI may have "       \
    "interrupted; fix: ktime_get_mono_fast_ns()"
#define KCTX_LEVEL_reads_clock spin
#define KCTX_RULE_reads_clock timekeeper_at_rest
#define KCTX_SLUG_reads_clock "lock-in-nmi"
#define KCTX_SAYS_reads_clock(name, why) KCTX_BREAKS_timekeeper_at_rest(name)

#define KCTX_CLOCK_WHY "waits while the timekeeper is being updated"
#define KCTX_CLOCK_FIX "ktime_get_mono_fast_ns()"

/// Time since boot in nanoseconds, without suspend.
KCTX_RULED_CALL(reads_clock, ktime_t, ktime_get, (), (), KCTX_CLOCK_WHY, KCTX_CLOCK_FIX,
                "kernel/time/timekeeping.c ktime_get()")
/// Time of day in nanoseconds.
KCTX_RULED_CALL(reads_clock, ktime_t, ktime_get_real, (), (), KCTX_CLOCK_WHY, KCTX_CLOCK_FIX,
                "include/linux/timekeeping.h ktime_get_real()")
/// Time since boot in nanoseconds, with suspend.
KCTX_RULED_CALL(reads_clock, ktime_t, ktime_get_boottime, (), (), KCTX_CLOCK_WHY, KCTX_CLOCK_FIX,
                "include/linux/timekeeping.h ktime_get_boottime()")
/// Time of day.
KCTX_RULED_CALL(reads_clock, void, ktime_get_real_ts64, (timespec64 * now), (now), KCTX_CLOCK_WHY,
                KCTX_CLOCK_FIX, "kernel/time/timekeeping.c ktime_get_real_ts64()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Time since boot in nanoseconds, which may step back a little; legal in every context, NMI
/// included.
u64 ktime_get_mono_fast_ns() noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::ktime_get_mono_fast_ns;
KCTX_LEGAL_ANYWHERE(ktime_get_mono_fast_ns, "reads a latched copy of the clock",
                    "kernel/time/timekeeping.c ktime_get_mono_fast_ns()")

} // namespace kctx
