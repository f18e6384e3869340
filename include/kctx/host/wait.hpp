// SPDX-License-Identifier: BSL-1.0
/// @file
/// Waiting: wait queues, completions, and what the sleeping locks wait by.
#pragma once

#include <cstdint>
#include <limits>

#include <kctx/api/completion.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/host/task.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

/// A task that waits for something to happen to the object at an address.
struct waiter {
    const void *object;
    task_struct *task;
    bool exclusive; ///< wants the object for itself alone: others do not overtake it
    waiter *next = nullptr;
};

/// The lock and the waiters of all objects whose addresses fall here. Neither lies in the object,
/// so that a waiter may free it while who woke him is still in wake_up() or complete().
struct alignas(64) meeting_place {
    std::mutex lock;
    waiter *first = nullptr;

    void append(waiter &w) noexcept
    {
        waiter **end = &first;
        while (*end)
            end = &(*end)->next;
        *end = &w;
    }
    void remove(const waiter &w) noexcept
    {
        waiter **at = &first;
        while (*at != &w)
            at = &(*at)->next;
        *at = w.next;
    }
    bool anyone_waits(const void *object, const task_struct *but) const noexcept
    {
        const waiter *w = first;
        while (w && (w->object != object || w->task == but))
            w = w->next;
        return w != nullptr;
    }
    /// Whether somebody who came before @p task wants the object for himself.
    bool exclusive_waits(const void *object, const task_struct *task) const noexcept
    {
        const waiter *w = first;
        while (w && (w->object != object || (w->task != task && !w->exclusive)))
            w = w->next;
        return w != nullptr && w->task != task;
    }
    /// Wakes those who have waited longest for @p object; they see for themselves.
    void wake_some(const void *object, unsigned how_many) noexcept
    {
        for (waiter *w = first; w && how_many != 0; w = w->next) {
            if (w->object == object && wake(*w->task, TASK_NORMAL))
                --how_many;
        }
    }
};
inline constexpr unsigned all_waiters = std::numeric_limits<unsigned>::max();

inline meeting_place &place_of(const void *object) noexcept
{
    static meeting_place places[61];
    return places[reinterpret_cast<std::uintptr_t>(object) / 8 % std::size(places)];
}

struct wait_result {
    bool ready;     ///< what was waited for has happened
    bool signaled;  ///< a signal came first
    long time_left; ///< jiffies
};

/// Waits until @p ready() holds, which is asked under the lock of the object's place. What makes it
/// hold is done there, too, and followed by wake_some().
template <class Ready>
inline wait_result wait_for(const void *object, unsigned state, long timeout, Ready ready,
                            bool exclusive = false) noexcept
{
    meeting_place &place = place_of(object);
    std::unique_lock held(place.lock);
    if (ready())
        return {true, false, timeout};
    waiter me{object, &this_task(), exclusive};
    place.append(me);
    wait_result result{};
    do {
        set_state(state);
        held.unlock();
        timeout = sleep(timeout);
        held.lock();
        result = {ready(), signal_ends_sleep(state), timeout};
    } while (!result.ready && !result.signaled && timeout != 0);
    place.remove(me);
    return result;
}

/// The flags of a wait_queue_entry (include/linux/wait.h), and whether it is in a queue.
inline constexpr unsigned wait_exclusive = 1, wait_queued = 2;

inline bool enqueue(wait_queue_head_t *wq, wait_queue_entry *wait, unsigned flags,
                    bool at_end) noexcept
{
    const bool was_empty = wq->waiters == nullptr;
    if (wait->flags & wait_queued)
        return was_empty;
    wait->task = &this_task();
    wait->flags = flags | wait_queued;
    auto *first = static_cast<wait_queue_entry *>(wq->waiters);
    wait_queue_entry *last = first;
    while (at_end && last && last->next)
        last = last->next;
    if (at_end && last) {
        wait->next = nullptr;
        last->next = wait;
    } else {
        wait->next = first;
        __atomic_store_n(&wq->waiters, wait, __ATOMIC_SEQ_CST);
    }
    return was_empty;
}
inline void dequeue(wait_queue_head_t *wq, wait_queue_entry *wait) noexcept
{
    if (!(wait->flags & wait_queued))
        return;
    wait_queue_entry *before = nullptr;
    for (auto *w = static_cast<wait_queue_entry *>(wq->waiters); w != wait; w = w->next)
        before = w;
    if (before)
        before->next = wait->next;
    else
        __atomic_store_n(&wq->waiters, wait->next, __ATOMIC_SEQ_CST);
    wait->flags &= ~wait_queued;
}

/// Wakes all who are not exclusive and @p exclusive of those who are (kernel/sched/wait.c,
/// __wake_up_common()); 0 means all. Returns how many exclusive ones.
inline int wake_queue(wait_queue_head_t *wq, unsigned mask, int exclusive) noexcept
{
    const std::lock_guard held(place_of(wq).lock);
    int woken = 0;
    for (auto *w = static_cast<wait_queue_entry *>(wq->waiters); w;) {
        wait_queue_entry *const next = w->next;
        const bool is_exclusive = (w->flags & wait_exclusive) != 0;
        if (wake(*static_cast<task_struct *>(w->task), mask)) {
            dequeue(wq, w);
            if (is_exclusive && ++woken == exclusive)
                break;
        }
        w = next;
    }
    return woken;
}

inline bool prepare(wait_queue_head_t *wq, wait_queue_entry *wait, unsigned state, unsigned flags,
                    bool at_end) noexcept
{
    const std::lock_guard held(place_of(wq).lock);
    const bool was_empty = enqueue(wq, wait, flags, at_end);
    set_state(state);
    return was_empty;
}
inline void finish(wait_queue_head_t *wq, wait_queue_entry *wait) noexcept
{
    set_state(TASK_RUNNING);
    const std::lock_guard held(place_of(wq).lock);
    dequeue(wq, wait);
}

/// include/linux/wait.h, ___wait_event().
inline wait_result wait_until(wait_queue_head_t &wq, wait_condition until, unsigned state,
                              long timeout, const char *function) noexcept
{
    may_sleep(function);
    if (until())
        return {true, false, timeout};
    wait_queue_entry me;
    wait_result result{};
    for (;;) {
        prepare(&wq, &me, state, 0, false);
        result = {until(), signal_ends_sleep(state), timeout};
        if (result.ready || result.signaled || timeout == 0)
            break;
        timeout = sleep(timeout);
    }
    finish(&wq, &me);
    return result;
}
/// 0, or what the kernel returns when a signal came first.
inline int interrupted(const wait_result &r) noexcept { return r.ready ? 0 : -ERESTARTSYS; }
/// Jiffies left, at least 1 if the condition holds, or 0.
inline long time_left(const wait_result &r) noexcept
{
    return !r.ready ? 0 : r.time_left > 0 ? r.time_left : 1;
}

inline wait_result wait_done(completion *x, unsigned state, long timeout,
                             const char *function) noexcept
{
    may_sleep(function);
    return wait_for(x, state, timeout, [x] {
        if (x->done == 0)
            return false;
        x->done -= x->done != all_waiters;
        return true;
    });
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

// Names in parentheses: those that are macros as well are not to be expanded here.
void(wait_event)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    host::wait_until(wq, until, TASK_UNINTERRUPTIBLE, host::for_ever, "wait_event");
}
void(io_wait_event)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    host::wait_until(wq, until, TASK_UNINTERRUPTIBLE, host::for_ever, "io_wait_event");
}
void(wait_event_idle)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    host::wait_until(wq, until, TASK_IDLE, host::for_ever, "wait_event_idle");
}
int(wait_event_interruptible)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    return host::interrupted(host::wait_until(wq, until, TASK_INTERRUPTIBLE, host::for_ever,
                                              "wait_event_interruptible"));
}
int(wait_event_killable)(wait_queue_head_t &wq, wait_condition until) noexcept
{
    return host::interrupted(
        host::wait_until(wq, until, TASK_KILLABLE, host::for_ever, "wait_event_killable"));
}
long(wait_event_timeout)(wait_queue_head_t &wq, wait_condition until, long timeout) noexcept
{
    return host::time_left(
        host::wait_until(wq, until, TASK_UNINTERRUPTIBLE, timeout, "wait_event_timeout"));
}
long(wait_event_interruptible_timeout)(wait_queue_head_t &wq, wait_condition until,
                                       long timeout) noexcept
{
    const host::wait_result r = host::wait_until(wq, until, TASK_INTERRUPTIBLE, timeout,
                                                 "wait_event_interruptible_timeout");
    return !r.ready && r.signaled ? -ERESTARTSYS : host::time_left(r);
}

int wake_up(wait_queue_head_t *wq) noexcept { return host::wake_queue(wq, TASK_NORMAL, 1); }
int wake_up_nr(wait_queue_head_t *wq, int n) noexcept
{
    return host::wake_queue(wq, TASK_NORMAL, n);
}
int wake_up_all(wait_queue_head_t *wq) noexcept { return host::wake_queue(wq, TASK_NORMAL, 0); }
int wake_up_interruptible(wait_queue_head_t *wq) noexcept
{
    return host::wake_queue(wq, TASK_INTERRUPTIBLE, 1);
}
int wake_up_interruptible_all(wait_queue_head_t *wq) noexcept
{
    return host::wake_queue(wq, TASK_INTERRUPTIBLE, 0);
}
int wake_up_interruptible_poll(wait_queue_head_t *wq, unsigned int) noexcept
{
    return host::wake_queue(wq, TASK_INTERRUPTIBLE, 1);
}
bool waitqueue_active(const wait_queue_head_t *wq) noexcept
{
    return __atomic_load_n(&wq->waiters, __ATOMIC_SEQ_CST) != nullptr;
}

void prepare_to_wait(wait_queue_head_t *wq, wait_queue_entry *wait, int state) noexcept
{
    host::prepare(wq, wait, static_cast<unsigned>(state), 0, false);
}
bool prepare_to_wait_exclusive(wait_queue_head_t *wq, wait_queue_entry *wait, int state) noexcept
{
    return host::prepare(wq, wait, static_cast<unsigned>(state), host::wait_exclusive, true);
}
void finish_wait(wait_queue_head_t *wq, wait_queue_entry *wait) noexcept { host::finish(wq, wait); }
void add_wait_queue(wait_queue_head_t *wq, wait_queue_entry *wait) noexcept
{
    const std::lock_guard held(host::place_of(wq).lock);
    host::enqueue(wq, wait, 0, false);
}
void remove_wait_queue(wait_queue_head_t *wq, wait_queue_entry *wait) noexcept
{
    const std::lock_guard held(host::place_of(wq).lock);
    host::dequeue(wq, wait);
}

void swake_up_one(swait_queue_head *wq) noexcept
{
    host::meeting_place &place = host::place_of(wq);
    const std::lock_guard held(place.lock);
    place.wake_some(wq, 1);
}
void(swait_event_exclusive)(swait_queue_head &wq, wait_condition until) noexcept
{
    host::may_sleep("swait_event_exclusive");
    host::meeting_place &place = host::place_of(&wq);
    host::waiter me{&wq, &host::this_task(), false};
    while (!until()) { // the condition is the driver's, and is not asked under our lock
        {
            const std::lock_guard held(place.lock);
            me.next = nullptr;
            place.append(me);
            host::set_state(TASK_UNINTERRUPTIBLE);
        }
        if (!until())
            host::sleep(host::for_ever);
        host::set_state(TASK_RUNNING);
        const std::lock_guard held(place.lock);
        place.remove(me);
    }
}

void complete(completion *x) noexcept
{
    host::meeting_place &place = host::place_of(x);
    const std::lock_guard held(place.lock);
    x->done += x->done != host::all_waiters;
    place.wake_some(x, 1);
}
void complete_all(completion *x) noexcept
{
    host::meeting_place &place = host::place_of(x);
    const std::lock_guard held(place.lock);
    x->done = host::all_waiters;
    place.wake_some(x, host::all_waiters);
}
void wait_for_completion(completion *x) noexcept
{
    host::wait_done(x, TASK_UNINTERRUPTIBLE, host::for_ever, "wait_for_completion");
}
void wait_for_completion_io(completion *x) noexcept
{
    host::wait_done(x, TASK_UNINTERRUPTIBLE, host::for_ever, "wait_for_completion_io");
}
int wait_for_completion_interruptible(completion *x) noexcept
{
    return host::interrupted(host::wait_done(x, TASK_INTERRUPTIBLE, host::for_ever,
                                             "wait_for_completion_interruptible"));
}
int wait_for_completion_killable(completion *x) noexcept
{
    return host::interrupted(
        host::wait_done(x, TASK_KILLABLE, host::for_ever, "wait_for_completion_killable"));
}
unsigned long wait_for_completion_timeout(completion *x, unsigned long timeout) noexcept
{
    return static_cast<unsigned long>(host::time_left(host::wait_done(
        x, TASK_UNINTERRUPTIBLE, static_cast<long>(timeout), "wait_for_completion_timeout")));
}
long wait_for_completion_interruptible_timeout(completion *x, unsigned long timeout) noexcept
{
    const host::wait_result r = host::wait_done(x, TASK_INTERRUPTIBLE, static_cast<long>(timeout),
                                                "wait_for_completion_interruptible_timeout");
    return !r.ready && r.signaled ? -ERESTARTSYS : host::time_left(r);
}
bool try_wait_for_completion(completion *x) noexcept
{
    const std::lock_guard held(host::place_of(x).lock);
    if (x->done == 0)
        return false;
    x->done -= x->done != host::all_waiters;
    return true;
}
bool completion_done(completion *x) noexcept
{
    const std::lock_guard held(host::place_of(x).lock);
    return x->done != 0;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
