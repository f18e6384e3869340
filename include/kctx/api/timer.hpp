// SPDX-License-Identifier: BSL-1.0
/// @file
/// Timers: callbacks in a softirq, at a resolution of one jiffy.
/// @par Kernel source
/// include/linux/timer.h, kernel/time/timer.c (6.12).
#pragma once

#include <kctx/api/handler.hpp>
#include <kctx/api/jiffies.hpp>
#include <kctx/api/kernel.hpp>

namespace kctx {

/// A timer; timer_setup() gives it its function.
struct timer_list {
    void (*function)(timer_list *) = nullptr; ///< called when it expires, in a softirq
    unsigned long expires = 0;                ///< jiffies
    unsigned int flags = 0;                   ///< TIMER_*
    void *entry = nullptr;                    ///< the environment's
};

/// Makes @p H the callback of @p timer: `void fn(TimerCtx, timer_list *)`.
template <auto H>
    requires handles<H, TimerCtx, timer_list *>
inline void timer_setup(timer_list *timer, handler_t<H>, unsigned int flags) noexcept
{
    *timer = {detail::thunk_for<H, TimerCtx, void, timer_list *>, 0, flags, nullptr};
}
/// The same for a timer of a type of its own: `void fn(CallbackOf<T, TimerCtx>, timer_list *)`.
template <class T, auto H>
    requires detail::callback_of<H, T, timer_list, TimerCtx>
inline void timer_setup(T *timer, handler_t<H>, unsigned int flags) noexcept
{
    static_cast<timer_list &>(*timer) = {
        detail::thunk_for<H, CallbackOf<T, TimerCtx>, void, timer_list *>, 0, flags, nullptr};
}
#ifndef KCTX_UNCHECKED
template <auto H>
KCTX_UNAVAILABLE(KCTX_TEXT_handler(timer_setup, "a TimerCtx"))
void timer_setup(timer_list *, handler_t<H>, unsigned int);
#endif

KCTX_LEGAL_ANYWHERE(timer_setup, "fills in the timer", "include/linux/timer.h timer_setup()")

namespace rule {
/// A hard irq must not wait for a softirq's callback: it may have interrupted it.
/// kernel/time/timer.c, __timer_delete_sync(): WARN_ON(in_hardirq()) unless TIMER_IRQSAFE.
struct not_in_hardirq {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return !s.hardirq && !s.nmi;
    }
};
} // namespace rule
// Waits for a callback: a busy wait, on PREEMPT_RT a sleeping one (del_timer_wait_running()).
#define KCTX_LEVEL_awaits_timer config
#define KCTX_RULE_awaits_timer not_in_hardirq
#define KCTX_SLUG_awaits_timer "rt-lock-in-raw-section"
#define KCTX_SAYS_awaits_timer(name, why) KCTX_SAYS_locks(name, why)
#define KCTX_BREAKS_not_in_hardirq(name)                                                           \
    "kctx[timer-sync-in-hardirq]: " name "() waits for a callback that this hard irq may have "    \
    "interrupted; fix: timer_delete() here, and timer_delete_sync() in process context"

#define KCTX_TIMER_WHY "takes the timer base's raw lock"
#define KCTX_TIMER_FIX "irq_work_queue() it, and arm the timer in the irq_work"
#define KCTX_TIMER_WAIT_WHY "waits until the callback has finished"
#define KCTX_TIMER_WAIT_FIX "timer_delete(), or delete it after the section"

/// (Re)arms @p timer for @p expires, in jiffies; true if it was pending.
KCTX_CALL(spins, int, mod_timer, (timer_list * timer, unsigned long expires), (timer, expires),
          KCTX_TIMER_WHY, KCTX_TIMER_FIX, "kernel/time/timer.c mod_timer()")
/// Arms @p timer for timer->expires.
KCTX_CALL(spins, void, add_timer, (timer_list * timer), (timer), KCTX_TIMER_WHY, KCTX_TIMER_FIX,
          "kernel/time/timer.c add_timer()")
/// Disarms @p timer and does not wait; true if it was pending.
KCTX_CALL(spins, int, timer_delete, (timer_list * timer), (timer), KCTX_TIMER_WHY, KCTX_TIMER_FIX,
          "kernel/time/timer.c timer_delete()")
/// Disarms @p timer unless its callback runs, then -1.
KCTX_CALL(spins, int, try_to_del_timer_sync, (timer_list * timer), (timer), KCTX_TIMER_WHY,
          KCTX_TIMER_FIX, "kernel/time/timer.c try_to_del_timer_sync()")
/// Disarms @p timer and waits for its callback.
KCTX_RULED_CALL(awaits_timer, int, timer_delete_sync, (timer_list * timer), (timer),
                KCTX_TIMER_WAIT_WHY, KCTX_TIMER_WAIT_FIX, "kernel/time/timer.c timer_delete_sync()")
/// Disarms @p timer for good and does not wait; true if it was pending.
KCTX_CALL(spins, int, timer_shutdown, (timer_list * timer), (timer), KCTX_TIMER_WHY, KCTX_TIMER_FIX,
          "kernel/time/timer.c timer_shutdown()")
/// timer_delete_sync(), and the timer can never be armed again.
KCTX_RULED_CALL(awaits_timer, int, timer_shutdown_sync, (timer_list * timer), (timer),
                KCTX_TIMER_WAIT_WHY, KCTX_TIMER_WAIT_FIX,
                "kernel/time/timer.c timer_shutdown_sync()")
KCTX_WAITS_FOR_CALLBACK(int, timer_delete_sync, timer_list)
KCTX_WAITS_FOR_CALLBACK(int, timer_shutdown_sync, timer_list)
/// timer_delete() and timer_delete_sync() as they were called before 6.2.
KCTX_CALL(spins, int, del_timer, (timer_list * timer), (timer), KCTX_TIMER_WHY, KCTX_TIMER_FIX,
          "include/linux/timer.h del_timer()")
KCTX_RULED_CALL(awaits_timer, int, del_timer_sync, (timer_list * timer), (timer),
                KCTX_TIMER_WAIT_WHY, KCTX_TIMER_WAIT_FIX, "include/linux/timer.h del_timer_sync()")
KCTX_WAITS_FOR_CALLBACK(int, del_timer_sync, timer_list)

} // namespace kctx

/// The object whose member @p member the timer of a callback is: `port *p = from_timer(p, timer,
/// poll)`. timer_container_of() since 6.16. include/linux/timer.h from_timer()
#define from_timer(var, callback_timer, member)                                                    \
    container_of(callback_timer, __typeof__(*(var)), member)
#define timer_container_of(var, callback_timer, member) from_timer(var, callback_timer, member)
