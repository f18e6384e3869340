// SPDX-License-Identifier: BSL-1.0
/// @file
/// High-resolution timers. The mode decides the context of the callback.
/// @par Kernel source
/// include/linux/hrtimer.h, kernel/time/hrtimer.c (6.12).
#pragma once

#include <kctx/api/handler.hpp>
#include <kctx/api/ktime.hpp>

// As macros, and as <time.h> has them, which may come before or after.
/// @def CLOCK_BOOTTIME
/// The same with suspended times.
/// @def CLOCK_MONOTONIC
/// Nanoseconds since boot, suspended times left out.
/// @def CLOCK_REALTIME
/// The time of day; jumps when it is set.
#ifndef CLOCK_REALTIME
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7
#endif

namespace kctx {

/// What the function returns: whether the timer goes on, at the time that hrtimer_forward() set.
enum hrtimer_restart : int { HRTIMER_NORESTART = 0, HRTIMER_RESTART = 1 };
using clockid = int; ///< CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME

/// A mode as a type: enum hrtimer_mode.
template <unsigned Mode> struct hrtimer_mode {};

/// Modes of timers: absolute or from now on; pinned to the CPU that starts it; expiring in a
/// softirq or in a hard irq on every kernel, else in a hard irq and on PREEMPT_RT in a softirq
/// (include/linux/hrtimer.h).
inline constexpr hrtimer_mode<0x0> HRTIMER_MODE_ABS{};
inline constexpr hrtimer_mode<0x1> HRTIMER_MODE_REL{};
inline constexpr hrtimer_mode<0x2> HRTIMER_MODE_ABS_PINNED{};
inline constexpr hrtimer_mode<0x3> HRTIMER_MODE_REL_PINNED{};
inline constexpr hrtimer_mode<0x4> HRTIMER_MODE_ABS_SOFT{};
inline constexpr hrtimer_mode<0x5> HRTIMER_MODE_REL_SOFT{};
inline constexpr hrtimer_mode<0x8> HRTIMER_MODE_ABS_HARD{};
inline constexpr hrtimer_mode<0x9> HRTIMER_MODE_REL_HARD{};

/// A high-resolution timer; hrtimer_setup() gives it its function.
struct hrtimer {
    hrtimer_restart (*function)(hrtimer *) = nullptr; ///< called when it expires
    ktime_t expires = 0;                              ///< when, in ns of its clock
    int clock = 0;                                    ///< which clock
    unsigned mode = 0;                                ///< as HRTIMER_MODE_* has it
    void *entry = nullptr;                            ///< the environment's
};

namespace detail {
template <unsigned Mode> struct hrtimer_context {
    using type = HrtimerCtx<either>;
};
template <unsigned Mode>
    requires((Mode & 0x8) != 0)
struct hrtimer_context<Mode> {
    using type = HrtimerCtx<hard>;
};
template <unsigned Mode>
    requires((Mode & 0x4) != 0)
struct hrtimer_context<Mode> {
    using type = HrtimerCtx<soft>;
};
} // namespace detail

/// Makes @p H the callback of @p timer: `hrtimer_restart fn(HrtimerCtx<...>, hrtimer *)`, with
/// HrtimerCtx<hard> for *_HARD modes, <soft> for *_SOFT, <> for the others.
template <auto H, unsigned Mode>
    requires handles<H, typename detail::hrtimer_context<Mode>::type, hrtimer *>
inline void hrtimer_setup(hrtimer *timer, handler_t<H>, clockid clock, hrtimer_mode<Mode>) noexcept
{
    *timer = {detail::thunk_for<H, typename detail::hrtimer_context<Mode>::type, hrtimer_restart,
                                hrtimer *>,
              0, clock, Mode, nullptr};
}
/// The same for a timer of a type of its own:
/// `hrtimer_restart fn(CallbackOf<T, HrtimerCtx<...>>, hrtimer *)`.
template <class T, auto H, unsigned Mode>
    requires detail::callback_of<H, T, hrtimer, typename detail::hrtimer_context<Mode>::type>
inline void hrtimer_setup(T *timer, handler_t<H>, clockid clock, hrtimer_mode<Mode>) noexcept
{
    using context_of = CallbackOf<T, typename detail::hrtimer_context<Mode>::type>;
    static_cast<hrtimer &>(*timer) = {detail::thunk_for<H, context_of, hrtimer_restart, hrtimer *>,
                                      0, clock, Mode, nullptr};
}
#ifndef KCTX_UNCHECKED
#define KCTX_HRTIMER_CONTEXT "HrtimerCtx<>, <hard> or <soft>, by its mode"
template <auto H, unsigned Mode>
KCTX_UNAVAILABLE(KCTX_TEXT_handler(hrtimer_setup, KCTX_HRTIMER_CONTEXT))
void hrtimer_setup(hrtimer *, handler_t<H>, clockid, hrtimer_mode<Mode>);
#endif

KCTX_LEGAL_ANYWHERE(hrtimer_setup, "fills in the timer", "kernel/time/hrtimer.c hrtimer_setup()")

namespace env::inline KCTX_ENV_NAMESPACE {
void hrtimer_start(hrtimer *timer, ktime_t time, unsigned mode) noexcept KCTX_EFFECT_spin;
}
KCTX_CONTRACT(spins, hrtimer_start, "takes the timer base's raw lock",
              "irq_work_queue() it, and arm the timer in the irq_work",
              "kernel/time/hrtimer.c hrtimer_start_range_ns()")
/// Arms @p timer for @p time, in nanoseconds, relative or absolute by the mode.
template <may<call::hrtimer_start> C, unsigned Mode>
KCTX_ALWAYS_INLINE void hrtimer_start(C, hrtimer *timer, ktime_t time,
                                      hrtimer_mode<Mode>) noexcept KCTX_EFFECT_spin
{
    env::hrtimer_start(timer, time, Mode);
}
KCTX_REJECTED(spins, (void), hrtimer_start, (C, hrtimer *, ktime_t, hrtimer_mode<Mode>),
              "takes the timer base's raw lock",
              "irq_work_queue() it, and arm the timer in the irq_work", unsigned Mode)

/// Disarms @p timer unless its callback runs, then -1.
KCTX_CALL(spins, int, hrtimer_try_to_cancel, (hrtimer * timer), (timer),
          "takes the timer base's raw lock", "irq_work_queue() it",
          "kernel/time/hrtimer.c hrtimer_try_to_cancel()")
/// Moves the expiry on by @p interval nanoseconds; returns how often.
KCTX_CALL(spins, unsigned long long, hrtimer_forward_now, (hrtimer * timer, ktime_t interval),
          (timer, interval), "reads the timer base", "irq_work_queue() it",
          "kernel/time/hrtimer.c hrtimer_forward()")
/// Disarms @p timer and waits for its callback; on PREEMPT_RT the wait sleeps
/// (hrtimer_cancel_wait_running()).
KCTX_CALL(locks, int, hrtimer_cancel, (hrtimer * timer), (timer),
          "waits until the callback has finished",
          "hrtimer_try_to_cancel(), or cancel it in process context",
          "kernel/time/hrtimer.c hrtimer_cancel()")
KCTX_WAITS_FOR_CALLBACK(int, hrtimer_cancel, hrtimer)

} // namespace kctx
