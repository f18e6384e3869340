// SPDX-License-Identifier: BSL-1.0
/// @file
/// Wait queues: tasks that wait for a condition, and waking them.
/// @par Kernel source
/// include/linux/wait.h, kernel/sched/wait.c, include/linux/swait.h, kernel/sched/swait.c (6.12).
#pragma once

#include <kctx/api/sched.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

/// The tasks that wait for something; its lock is a spinlock_t.
struct wait_queue_head_t {
    void *waiters = nullptr; ///< the environment's queue
    unsigned lock = 0;       ///< its own spinlock's word
};
/// A place in a wait queue: `wait_queue_entry wait;` is what DEFINE_WAIT(wait) makes.
struct wait_queue_entry {
    void *task = nullptr;             ///< who waits
    wait_queue_entry *next = nullptr; ///< of the same queue
    unsigned flags = 0;               ///< WQ_FLAG_*: exclusive ones are woken one by one
};
/// A simple wait queue: one kind of waiter, woken one by one under a raw lock.
struct swait_queue_head {
    void *waiters = nullptr; ///< the environment's queue
    unsigned lock = 0;       ///< its own raw spinlock's word
};

/// Makes @p wq one that nobody waits in.
inline void init_waitqueue_head(wait_queue_head_t *wq) noexcept { *wq = {}; }
/// Makes @p wq one that nobody waits in.
inline void init_swait_queue_head(swait_queue_head *wq) noexcept { *wq = {}; }

/// The condition of a wait, as the environment gets it: a function and what it looks at.
class wait_condition
{
    bool (*test_)(const void *);
    const void *looks_at_;

public:
    wait_condition(bool) noexcept; ///< never defined: of calls that are refused for another reason
    template <class F>
        requires requires(const F &f) { f(); }
    constexpr wait_condition(const F &f) noexcept
        : test_([](const void *p) { return static_cast<bool>((*static_cast<const F *>(p))()); }),
          looks_at_(&f)
    {}
    bool operator()() const { return test_(looks_at_); }
};

#define KCTX_WAIT_WHY "waits until the condition holds"
#define KCTX_WAIT_FIX "wait in a work item or threaded irq, and leave the atomic section first"
#define KCTX_WAKE_WHY "takes the lock of the wait queue"
#define KCTX_WAKE_FIX "complete() or swake_up_one(), whose locks are raw, or wake in an irq_work"

/// Waits until the condition holds.
KCTX_CALL(sleeps, void, wait_event, (wait_queue_head_t & wq, wait_condition until), (wq, until),
          KCTX_WAIT_WHY, KCTX_WAIT_FIX, "include/linux/wait.h wait_event()")
/// The same, as waiting for a disk.
KCTX_CALL(sleeps, void, io_wait_event, (wait_queue_head_t & wq, wait_condition until), (wq, until),
          KCTX_WAIT_WHY, KCTX_WAIT_FIX, "include/linux/wait.h io_wait_event()")
/// The same, not counted as load.
KCTX_CALL(sleeps, void, wait_event_idle, (wait_queue_head_t & wq, wait_condition until),
          (wq, until), KCTX_WAIT_WHY, KCTX_WAIT_FIX, "include/linux/wait.h wait_event_idle()")
/// Waits until the condition holds or a signal comes: 0 or -ERESTARTSYS.
KCTX_CALL(sleeps, int, wait_event_interruptible, (wait_queue_head_t & wq, wait_condition until),
          (wq, until), KCTX_WAIT_WHY, KCTX_WAIT_FIX,
          "include/linux/wait.h wait_event_interruptible()")
/// Waits until the condition holds or a deadly signal comes: 0 or -ERESTARTSYS.
KCTX_CALL(sleeps, int, wait_event_killable, (wait_queue_head_t & wq, wait_condition until),
          (wq, until), KCTX_WAIT_WHY, KCTX_WAIT_FIX, "include/linux/wait.h wait_event_killable()")
/// Waits for at most @p timeout jiffies: those left, at least 1, or 0 if it does not hold then.
KCTX_CALL(sleeps, long, wait_event_timeout,
          (wait_queue_head_t & wq, wait_condition until, long timeout), (wq, until, timeout),
          KCTX_WAIT_WHY, KCTX_WAIT_FIX, "include/linux/wait.h wait_event_timeout()")
/// The same until a signal comes: -ERESTARTSYS.
KCTX_CALL(sleeps, long, wait_event_interruptible_timeout,
          (wait_queue_head_t & wq, wait_condition until, long timeout), (wq, until, timeout),
          KCTX_WAIT_WHY, KCTX_WAIT_FIX, "include/linux/wait.h wait_event_interruptible_timeout()")

/// Wakes those who wait uninterruptibly or not: all of them, but of the exclusive ones only one.
KCTX_CALL(locks, int, wake_up, (wait_queue_head_t * wq), (wq), KCTX_WAKE_WHY, KCTX_WAKE_FIX,
          "kernel/sched/wait.c __wake_up()")
/// Wakes @p n of the exclusive ones.
KCTX_CALL(locks, int, wake_up_nr, (wait_queue_head_t * wq, int n), (wq, n), KCTX_WAKE_WHY,
          KCTX_WAKE_FIX, "kernel/sched/wait.c __wake_up()")
/// Wakes all.
KCTX_CALL(locks, int, wake_up_all, (wait_queue_head_t * wq), (wq), KCTX_WAKE_WHY, KCTX_WAKE_FIX,
          "kernel/sched/wait.c __wake_up()")
/// Wakes those who wait interruptibly.
KCTX_CALL(locks, int, wake_up_interruptible, (wait_queue_head_t * wq), (wq), KCTX_WAKE_WHY,
          KCTX_WAKE_FIX, "kernel/sched/wait.c __wake_up()")
KCTX_CALL(locks, int, wake_up_interruptible_all, (wait_queue_head_t * wq), (wq), KCTX_WAKE_WHY,
          KCTX_WAKE_FIX, "kernel/sched/wait.c __wake_up()")
/// The same and tells poll() what has happened.
KCTX_CALL(locks, int, wake_up_interruptible_poll, (wait_queue_head_t * wq, unsigned int events),
          (wq, events), KCTX_WAKE_WHY, KCTX_WAKE_FIX, "kernel/sched/wait.c __wake_up()")

/// Puts the current task into the queue and into a state of sleep; schedule() then sleeps.
KCTX_RULED_CALL(locks_for_task, void, prepare_to_wait,
                (wait_queue_head_t * wq, wait_queue_entry *wait, int state), (wq, wait, state),
                KCTX_WAKE_WHY, KCTX_WAIT_FIX, "kernel/sched/wait.c prepare_to_wait()")
/// The same, first in line and woken alone.
KCTX_RULED_CALL(locks_for_task, bool, prepare_to_wait_exclusive,
                (wait_queue_head_t * wq, wait_queue_entry *wait, int state), (wq, wait, state),
                KCTX_WAKE_WHY, KCTX_WAIT_FIX, "kernel/sched/wait.c prepare_to_wait_exclusive()")
/// Takes the current task out of the queue, running again.
KCTX_RULED_CALL(locks_for_task, void, finish_wait, (wait_queue_head_t * wq, wait_queue_entry *wait),
                (wq, wait), KCTX_WAKE_WHY, KCTX_WAIT_FIX, "kernel/sched/wait.c finish_wait()")
KCTX_CALL(locks, void, add_wait_queue, (wait_queue_head_t * wq, wait_queue_entry *wait), (wq, wait),
          KCTX_WAKE_WHY, "add it outside raw sections and hard irqs",
          "kernel/sched/wait.c add_wait_queue()")
KCTX_CALL(locks, void, remove_wait_queue, (wait_queue_head_t * wq, wait_queue_entry *wait),
          (wq, wait), KCTX_WAKE_WHY, "remove it outside raw sections and hard irqs",
          "kernel/sched/wait.c remove_wait_queue()")

/// Wakes one waiter of a simple wait queue, whose lock is raw.
KCTX_CALL(spins, void, swake_up_one, (swait_queue_head * wq), (wq), "takes a raw lock",
          "irq_work_queue() it, and wake in the irq_work", "kernel/sched/swait.c swake_up_one()")
/// Waits in a simple wait queue until the condition holds.
KCTX_CALL(sleeps, void, swait_event_exclusive, (swait_queue_head & wq, wait_condition until),
          (wq, until), KCTX_WAIT_WHY, KCTX_WAIT_FIX, "include/linux/swait.h swait_event_exclusive")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Whether somebody waits, by a look without the lock; legal in every context.
bool waitqueue_active(const wait_queue_head_t *wq) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::waitqueue_active;
KCTX_LEGAL_ANYWHERE(waitqueue_active, "looks without the lock",
                    "include/linux/wait.h waitqueue_active()")

} // namespace kctx

// As in the kernel the condition is an expression, evaluated again after each wakeup. A call with
// too few arguments is passed on as it is, to be told what it lacks.
#define KCTX_CONDITION_(...) [&]() -> bool { return static_cast<bool>(__VA_ARGS__); }

/// The function of the same name; the condition is an expression that is evaluated anew each time.
#ifndef KCTX_PLAIN_CALLS
#define wait_event(ctx, wq, ...) wait_event(ctx, wq __VA_OPT__(, KCTX_CONDITION_(__VA_ARGS__)))
#define io_wait_event(ctx, wq, ...)                                                                \
    io_wait_event(ctx, wq __VA_OPT__(, KCTX_CONDITION_(__VA_ARGS__)))
#define wait_event_idle(ctx, wq, ...)                                                              \
    wait_event_idle(ctx, wq __VA_OPT__(, KCTX_CONDITION_(__VA_ARGS__)))
#define wait_event_interruptible(ctx, wq, ...)                                                     \
    wait_event_interruptible(ctx, wq __VA_OPT__(, KCTX_CONDITION_(__VA_ARGS__)))
#define wait_event_killable(ctx, wq, ...)                                                          \
    wait_event_killable(ctx, wq __VA_OPT__(, KCTX_CONDITION_(__VA_ARGS__)))
#define wait_event_timeout(ctx, wq, condition, ...)                                                \
    wait_event_timeout(ctx, wq, __VA_OPT__(KCTX_CONDITION_)(condition) __VA_OPT__(, ) __VA_ARGS__)
#define wait_event_interruptible_timeout(ctx, wq, condition, ...)                                  \
    wait_event_interruptible_timeout(                                                              \
        ctx, wq, __VA_OPT__(KCTX_CONDITION_)(condition) __VA_OPT__(, ) __VA_ARGS__)
#define swait_event_exclusive(ctx, wq, ...)                                                        \
    swait_event_exclusive(ctx, wq __VA_OPT__(, KCTX_CONDITION_(__VA_ARGS__)))
#else
#define wait_event(wq, condition) wait_event(wq, KCTX_CONDITION_(condition))
#define io_wait_event(wq, condition) io_wait_event(wq, KCTX_CONDITION_(condition))
#define wait_event_idle(wq, condition) wait_event_idle(wq, KCTX_CONDITION_(condition))
#define wait_event_interruptible(wq, condition)                                                    \
    wait_event_interruptible(wq, KCTX_CONDITION_(condition))
#define wait_event_killable(wq, condition) wait_event_killable(wq, KCTX_CONDITION_(condition))
#define wait_event_timeout(wq, condition, timeout)                                                 \
    wait_event_timeout(wq, KCTX_CONDITION_(condition), timeout)
#define wait_event_interruptible_timeout(wq, condition, timeout)                                   \
    wait_event_interruptible_timeout(wq, KCTX_CONDITION_(condition), timeout)
#define swait_event_exclusive(wq, condition) swait_event_exclusive(wq, KCTX_CONDITION_(condition))
#endif
