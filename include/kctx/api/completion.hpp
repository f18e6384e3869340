// SPDX-License-Identifier: BSL-1.0
/// @file
/// Completions: one task waits until another context says that something is done.
/// @par Kernel source
/// include/linux/completion.h, kernel/sched/completion.c (6.12).
#pragma once

#include <kctx/declare/call.hpp>

namespace kctx {

/// Something to wait for.
struct completion {
    unsigned int done = 0;   ///< complete() calls not yet waited for; UINT_MAX: for all
    void *waiters = nullptr; ///< the environment's queue
};

/// Makes @p x ready for use.
inline void init_completion(completion *x) noexcept { *x = {}; }
/// Makes @p x ready to be waited for again; nobody may be waiting.
inline void reinit_completion(completion *x) noexcept { x->done = 0; }

#define KCTX_COMPLETE_WHY "takes a raw lock"
#define KCTX_COMPLETE_FIX "irq_work_queue() it, and complete in the irq_work"
#define KCTX_COMPLETION_WHY "waits until the completion is completed"
#define KCTX_COMPLETION_FIX                                                                        \
    "try_wait_for_completion(), or a work item that waits and continues from there"

/// Wakes one waiter. Its lock is raw, so that a true hard irq may call it.
KCTX_CALL(spins, void, complete, (completion * x), (x), KCTX_COMPLETE_WHY, KCTX_COMPLETE_FIX,
          "kernel/sched/completion.c complete()")

// complete_all() wakes any number of tasks with interrupts off, which PREEMPT_RT bears only in a
// thread: lockdep_assert_RT_in_threaded_ctx(), which warns on every kernel.
namespace rule {
/// A thread, or an interrupt that PREEMPT_RT would thread: lockdep_assert_RT_in_threaded_ctx().
struct threaded_on_rt {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return !s.nmi && (!s.hardirq || s.threaded_on_rt);
    }
};
} // namespace rule
#define KCTX_BREAKS_threaded_on_rt(name)                                                           \
    "kctx[rt-threaded-only]: " name "() wakes any number of tasks at once, which PREEMPT_RT bears " \
    "only in a thread; fix: complete() for one waiter, or call it from a threaded irq or work item"
#define KCTX_LEVEL_wakes_all spin
#define KCTX_RULE_wakes_all threaded_on_rt
#define KCTX_SLUG_wakes_all "rt-threaded-only"
#define KCTX_SAYS_wakes_all(name, why) KCTX_BREAKS_threaded_on_rt(name)
/// Wakes all waiters, those still to come as well.
KCTX_RULED_CALL(wakes_all, void, complete_all, (completion * x), (x), "wakes any number of tasks",
                "complete() for one waiter, or call it from a threaded irq or work item",
                "kernel/sched/completion.c complete_all()")

/// Waits without a limit, deaf to signals.
KCTX_CALL(sleeps, void, wait_for_completion, (completion * x), (x), KCTX_COMPLETION_WHY,
          KCTX_COMPLETION_FIX, "kernel/sched/completion.c wait_for_completion()")
/// The same, as waiting for a disk.
KCTX_CALL(sleeps, void, wait_for_completion_io, (completion * x), (x), KCTX_COMPLETION_WHY,
          KCTX_COMPLETION_FIX, "kernel/sched/completion.c wait_for_completion_io()")
/// Waits until a signal comes: 0 or -ERESTARTSYS.
KCTX_CALL(sleeps, int, wait_for_completion_interruptible, (completion * x), (x),
          KCTX_COMPLETION_WHY, KCTX_COMPLETION_FIX,
          "kernel/sched/completion.c wait_for_completion_interruptible()")
/// Waits until a deadly signal comes: 0 or -ERESTARTSYS.
KCTX_CALL(sleeps, int, wait_for_completion_killable, (completion * x), (x), KCTX_COMPLETION_WHY,
          KCTX_COMPLETION_FIX, "kernel/sched/completion.c wait_for_completion_killable()")
/// Waits for at most @p timeout jiffies: those left, or 0.
KCTX_CALL(sleeps, unsigned long, wait_for_completion_timeout,
          (completion * x, unsigned long timeout), (x, timeout), KCTX_COMPLETION_WHY,
          KCTX_COMPLETION_FIX, "kernel/sched/completion.c wait_for_completion_timeout()")
/// The same until a signal comes: jiffies left, 0, or -ERESTARTSYS.
KCTX_CALL(sleeps, long, wait_for_completion_interruptible_timeout,
          (completion * x, unsigned long timeout), (x, timeout), KCTX_COMPLETION_WHY,
          KCTX_COMPLETION_FIX,
          "kernel/sched/completion.c wait_for_completion_interruptible_timeout()")
/// Takes a completion if there is one; does not wait.
KCTX_CALL(spins, bool, try_wait_for_completion, (completion * x), (x), KCTX_COMPLETE_WHY,
          KCTX_COMPLETE_FIX, "kernel/sched/completion.c try_wait_for_completion()")
/// Whether nobody would have to wait.
KCTX_CALL(spins, bool, completion_done, (completion * x), (x), KCTX_COMPLETE_WHY, KCTX_COMPLETE_FIX,
          "kernel/sched/completion.c completion_done()")

} // namespace kctx
