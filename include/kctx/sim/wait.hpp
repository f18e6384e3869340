// SPDX-License-Identifier: BSL-1.0
/// @file
/// Completions, wait queues, and signals that end a wait.
/// @par Kernel source
/// kernel/sched/completion.c, kernel/sched/wait.c, kernel/sched/swait.c, include/linux/wait.h,
/// kernel/signal.c (6.12).
#pragma once

#include <kctx/api/completion.hpp>
#include <kctx/api/signal.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/sim/mutex.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// wait_for_completion() and its kin: the jiffies left, at least 1; 0 if the time is over;
/// -ERESTARTSYS if a signal came first.
inline long wait_for_common(completion *x, long timeout, unsigned state)
{
    sleeps("kernel/sched/completion.c", 111);
    raw_spinlock_t *const lock = lock_inside<raw_spinlock_t>(x, "(x)->wait.lock");
    env::raw_spin_lock_irq(lock);
    while (x->done == 0 && timeout != 0) {
        if (signal_ends(state)) {
            timeout = -ERESTARTSYS;
            break;
        }
        env::raw_spin_unlock_irq(lock);
        // An interrupt may have come with the unlock.
        if (x->done == 0)
            timeout = here().sleep_on_timeout(x, state, timeout);
        env::raw_spin_lock_irq(lock);
    }
    const bool over = x->done == 0;
    if (!over && x->done != ~0u)
        --x->done;
    env::raw_spin_unlock_irq(lock);
    return over ? std::min(timeout, 0l) : std::max(timeout, 1l);
}
inline void complete_some(completion *x, bool all)
{
    raw_section inside(lock_inside<raw_spinlock_t>(x, "(x)->wait.lock"));
    if (all)
        x->done = ~0u;
    else if (x->done != ~0u)
        ++x->done;
    if (all)
        here().wake_all(x);
    else
        here().wake_one(x);
}

inline const kernel_lock<spinlock_t> sighand_lock("sighand->siglock");

/// lockdep_assert_RT_in_threaded_ctx(): not in a hard irq that PREEMPT_RT does not thread.
inline void assert_rt_in_threaded_context(source_line where, const char *function)
{
    machine &m = here();
    const task_struct &me = m.current();
    if (m.config.prove_raw_lock_nesting && me.hardirq_context != 0 && !me.hardirq_threadable)
        m.warn_once(where, function, "Not in threaded context on PREEMPT_RT as expected");
}

// A wait queue is a list of entries, each a task's; its lock is a spinlock_t.

/// Bits of wait_queue_entry::flags (WQ_FLAG_*, include/linux/wait.h).
enum wait_flag : unsigned {
    wait_exclusive = 1,
    wait_queued = 2,
    wait_autoremove = 4, ///< who wakes it takes it out
};

/// The queue's lock, as lockdep knows it.
inline spinlock_t *lock_of(const wait_queue_head_t *wq)
{
    return lock_inside<spinlock_t>(wq, "&wq->lock");
}
/// add_wait_queue(): exclusive ones come last.
inline void add_entry(wait_queue_head_t *wq, wait_queue_entry *wait, unsigned flags)
{
    if ((wait->flags & wait_queued) != 0)
        return;
    wait->task = &here().current();
    wait->flags = flags | wait_queued;
    void **end = &wq->waiters;
    if ((flags & wait_exclusive) != 0) { // behind the others
        while (*end != nullptr)
            end = reinterpret_cast<void **>(&static_cast<wait_queue_entry *>(*end)->next);
    }
    wait->next = static_cast<wait_queue_entry *>(*end);
    *end = wait;
}
/// remove_wait_queue()
inline void remove_entry(wait_queue_head_t *wq, wait_queue_entry *wait)
{
    if ((wait->flags & wait_queued) == 0)
        return;
    auto *at = static_cast<wait_queue_entry *>(wq->waiters);
    if (at == wait) {
        wq->waiters = wait->next;
    } else {
        while (at->next != wait)
            at = at->next;
        at->next = wait->next;
    }
    wait->next = nullptr;
    wait->flags = 0;
}
/// __wake_up(): all who wait in one of @p states, but of the exclusive ones @p n (0: all).
inline int wake_up_some(wait_queue_head_t *wq, unsigned states, int n)
{
    spin_section inside(lock_of(wq));
    int woken = 0;
    auto *next = static_cast<wait_queue_entry *>(wq->waiters);
    while (wait_queue_entry *const wait = next) {
        next = wait->next;
        const bool exclusive = (wait->flags & wait_exclusive) != 0;
        if (!here().wake_up(*static_cast<task_struct *>(wait->task), states))
            continue;
        ++woken;
        if ((wait->flags & wait_autoremove) != 0)
            remove_entry(wq, wait);
        if (exclusive && --n == 0)
            break;
    }
    return woken;
}
/// prepare_to_wait(): queues it and sets the state.
inline void prepare(wait_queue_head_t *wq, wait_queue_entry *wait, unsigned state, unsigned flags)
{
    spin_section inside(lock_of(wq));
    add_entry(wq, wait, flags | wait_autoremove);
    here().set_state(state, "prepare_to_wait_event");
}
/// finish_wait(): takes it out and sets TASK_RUNNING.
inline void finish(wait_queue_head_t *wq, wait_queue_entry *wait)
{
    here().set_state(TASK_RUNNING);
    if ((wait->flags & wait_queued) != 0) {
        spin_section inside(lock_of(wq));
        remove_entry(wq, wait);
    }
}
/// wait_event() and its kin: the jiffies left, at least 1; 0 if the time is over; -ERESTARTSYS if a
/// signal came first.
inline long wait_until(const char *function, wait_queue_head_t &wq, const wait_condition &until,
                       unsigned state, long timeout = MAX_SCHEDULE_TIMEOUT)
{
    might_sleep_here();
    const in_call in(function);
    if (until())
        return std::max(timeout, 1l);
    wait_queue_entry wait;
    for (;;) {
        prepare(&wq, &wait, state, 0);
        if (until()) {
            timeout = std::max(timeout, 1l);
            break;
        }
        if (timeout == 0)
            break;
        if (signal_ends(state)) {
            timeout = -ERESTARTSYS;
            break;
        }
        timeout = here().schedule_timeout(timeout);
    }
    finish(&wq, &wait);
    return timeout;
}
/// -errno of what a wait returned: 0 for jiffies that are left
inline int error_of(long left) { return left < 0 ? static_cast<int>(left) : 0; }

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void complete(completion *x) noexcept
{
    const sim::in_call in("complete");
    sim::complete_some(x, false);
}
void complete_all(completion *x) noexcept
{
    const sim::in_call in("complete_all");
    sim::assert_rt_in_threaded_context(sim::at("kernel/sched/completion.c", 0), "complete_all");
    sim::complete_some(x, true);
}
void wait_for_completion(completion *x) noexcept
{
    const sim::in_call in("wait_for_completion");
    sim::wait_for_common(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}
void wait_for_completion_io(completion *x) noexcept
{
    const sim::in_call in("wait_for_completion_io");
    sim::wait_for_common(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}
int wait_for_completion_interruptible(completion *x) noexcept
{
    const sim::in_call in("wait_for_completion_interruptible");
    return sim::error_of(sim::wait_for_common(x, MAX_SCHEDULE_TIMEOUT, TASK_INTERRUPTIBLE));
}
int wait_for_completion_killable(completion *x) noexcept
{
    const sim::in_call in("wait_for_completion_killable");
    return sim::error_of(sim::wait_for_common(x, MAX_SCHEDULE_TIMEOUT, TASK_KILLABLE));
}
unsigned long wait_for_completion_timeout(completion *x, unsigned long timeout) noexcept
{
    const sim::in_call in("wait_for_completion_timeout");
    return static_cast<unsigned long>(
        sim::wait_for_common(x, static_cast<long>(timeout), TASK_UNINTERRUPTIBLE));
}
long wait_for_completion_interruptible_timeout(completion *x, unsigned long timeout) noexcept
{
    const sim::in_call in("wait_for_completion_interruptible_timeout");
    return sim::wait_for_common(x, static_cast<long>(timeout), TASK_INTERRUPTIBLE);
}
bool try_wait_for_completion(completion *x) noexcept
{
    const sim::in_call in("try_wait_for_completion");
    if (x->done == 0)
        return false;
    sim::raw_section inside(sim::lock_inside<raw_spinlock_t>(x, "(x)->wait.lock"));
    if (x->done != ~0u)
        --x->done;
    return true;
}
bool completion_done(completion *x) noexcept
{
    const sim::in_call in("completion_done");
    if (x->done == 0)
        return false;
    sim::passes(sim::lock_inside<raw_spinlock_t>(x, "(x)->wait.lock"));
    return true;
}

void(wait_event)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    sim::wait_until("wait_event", wq, until, TASK_UNINTERRUPTIBLE);
}
void(io_wait_event)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    sim::wait_until("io_wait_event", wq, until, TASK_UNINTERRUPTIBLE);
}
void(wait_event_idle)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    sim::wait_until("wait_event_idle", wq, until, TASK_IDLE);
}
int(wait_event_interruptible)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    return sim::error_of(
        sim::wait_until("wait_event_interruptible", wq, until, TASK_INTERRUPTIBLE));
}
int(wait_event_killable)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    return sim::error_of(sim::wait_until("wait_event_killable", wq, until, TASK_KILLABLE));
}
long(wait_event_timeout)(wait_queue_head_t &wq, wait_condition until, long timeout) noexcept
{
    return sim::wait_until("wait_event_timeout", wq, until, TASK_UNINTERRUPTIBLE, timeout);
}
long(wait_event_interruptible_timeout)(wait_queue_head_t &wq, wait_condition until,
                                       long timeout) noexcept
{
    return sim::wait_until("wait_event_interruptible_timeout", wq, until, TASK_INTERRUPTIBLE,
                           timeout);
}

int wake_up(wait_queue_head_t *wq) noexcept
{
    const sim::in_call in("__wake_up");
    return sim::wake_up_some(wq, TASK_NORMAL, 1);
}
int wake_up_nr(wait_queue_head_t *wq, int n) noexcept
{
    const sim::in_call in("__wake_up");
    return sim::wake_up_some(wq, TASK_NORMAL, n);
}
int wake_up_all(wait_queue_head_t *wq) noexcept
{
    const sim::in_call in("__wake_up");
    return sim::wake_up_some(wq, TASK_NORMAL, 0);
}
int wake_up_interruptible(wait_queue_head_t *wq) noexcept
{
    const sim::in_call in("__wake_up");
    return sim::wake_up_some(wq, TASK_INTERRUPTIBLE, 1);
}
int wake_up_interruptible_all(wait_queue_head_t *wq) noexcept
{
    const sim::in_call in("__wake_up");
    return sim::wake_up_some(wq, TASK_INTERRUPTIBLE, 0);
}
int wake_up_interruptible_poll(wait_queue_head_t *wq, unsigned int) noexcept
{
    const sim::in_call in("__wake_up");
    return sim::wake_up_some(wq, TASK_INTERRUPTIBLE, 1);
}
void prepare_to_wait(wait_queue_head_t *wq, wait_queue_entry *wait, int state) noexcept
{
    const sim::in_call in("prepare_to_wait");
    sim::prepare(wq, wait, static_cast<unsigned>(state), 0);
}
bool prepare_to_wait_exclusive(wait_queue_head_t *wq, wait_queue_entry *wait, int state) noexcept
{
    const sim::in_call in("prepare_to_wait_exclusive");
    const bool first = wq->waiters == nullptr;
    sim::prepare(wq, wait, static_cast<unsigned>(state), sim::wait_exclusive);
    return first;
}
void finish_wait(wait_queue_head_t *wq, wait_queue_entry *wait) noexcept
{
    const sim::in_call in("finish_wait");
    sim::finish(wq, wait);
}
void add_wait_queue(wait_queue_head_t *wq, wait_queue_entry *wait) noexcept
{
    const sim::in_call in("add_wait_queue");
    sim::spin_section inside(sim::lock_of(wq));
    sim::add_entry(wq, wait, 0);
}
void remove_wait_queue(wait_queue_head_t *wq, wait_queue_entry *wait) noexcept
{
    const sim::in_call in("remove_wait_queue");
    sim::spin_section inside(sim::lock_of(wq));
    sim::remove_entry(wq, wait);
}
bool waitqueue_active(const wait_queue_head_t *wq) noexcept { return wq->waiters != nullptr; }

void swake_up_one(swait_queue_head *wq) noexcept
{
    const sim::in_call in("swake_up_one");
    sim::raw_section inside(sim::lock_inside<raw_spinlock_t>(wq, "&q->lock"));
    sim::here().wake_one(wq);
}
void swait_event_exclusive(swait_queue_head &wq, wait_condition until) noexcept
{
    const sim::in_call in("swait_event_exclusive");
    while (!until()) {
        sim::passes(sim::lock_inside<raw_spinlock_t>(&wq, "&q->lock"));
        if (!until())
            sim::here().sleep_on(&wq, TASK_UNINTERRUPTIBLE);
    }
}

int send_sig(int, task_struct *task, int) noexcept
{
    const sim::in_call in("send_sig");
    const sim::rcu_section reader;
    sim::spin_section inside(sim::sighand_lock.get());
    task->signal = true;
    sim::here().wake_up(*task, TASK_INTERRUPTIBLE | TASK_WAKEKILL);
    return 0;
}
int kill_pid(pid *, int, int) noexcept
{
    const sim::in_call in("kill_pid");
    const sim::rcu_section reader;
    sim::spin_section inside(sim::sighand_lock.get());
    return 0;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
