// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sleeping locks: mutex and rt_mutex, rw_semaphore, semaphore.
/// @par Kernel source
/// The messages: kernel/locking/lockdep.c print_deadlock_bug(), kernel/locking/mutex-debug.c
/// debug_mutex_unlock(), kernel/locking/rwsem.c (6.12).
#pragma once

#include <kctx/host/spinlock.hpp>
#include <kctx/host/wait.hpp>
#include <kctx/lock/mutex.hpp>
#include <kctx/lock/rt_mutex.hpp>
#include <kctx/lock/rwsem.hpp>
#include <kctx/lock/semaphore.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

[[noreturn]] inline void taken_twice(const char *function, const void *lock) noexcept
{
    bug("WARNING: possible recursive locking detected\n%s is trying to acquire lock:\n"
        "%px, at: %s()\nbut task is already holding lock:\n%px\n",
        comm_and_pid().c_str(), lock, function, lock);
}
[[noreturn]] inline void not_owned(const char *function, const char *what,
                                   const void *lock) noexcept
{
    bug("%s\nWARNING: CPU: %d PID: %ld at %s(), lock %px, %s\n", what, this_cpu().number(),
        syscall(SYS_gettid), function, lock, comm_and_pid().c_str());
}

// mutex and rt_mutex: 0 is free, 1 is held, 2 is held and somebody may wait.
template <class Lock> inline bool try_lock(cpu &c, Lock *lock) noexcept
{
    unsigned nobody = 0;
    if (!std::atomic_ref(lock->value)
             .compare_exchange_strong(nobody, 1, std::memory_order_acquire,
                                      std::memory_order_relaxed))
        return false;
    set_owner(lock->owner, c.id);
    return true;
}
/// Whether it was taken before a signal came that ends a sleep in @p state.
template <class Lock>
inline bool lock_sleeping(Lock *lock, unsigned state, const char *function) noexcept
{
    may_sleep(function);
    cpu &c = this_cpu();
    if (try_lock(c, lock)) [[likely]]
        return true;
    if (debug && owner_of(lock->owner) == c.id)
        taken_twice(function, lock);
    const bool taken =
        wait_for(lock, state, for_ever, [lock] {
            return std::atomic_ref(lock->value).exchange(2, std::memory_order_acquire) == 0;
        }).ready;
    if (taken)
        set_owner(lock->owner, c.id);
    return taken;
}
template <class Lock> inline void unlock(Lock *lock, const char *function) noexcept
{
    if (debug && owner_of(lock->owner) != this_cpu().id)
        not_owned(function, "DEBUG_LOCKS_WARN_ON(__owner_task(owner) != get_current())", lock);
    set_owner(lock->owner, 0);
    if (std::atomic_ref(lock->value).exchange(0, std::memory_order_release) == 2) {
        meeting_place &place = place_of(lock);
        const std::lock_guard held(place.lock);
        place.wake_some(lock, 1);
    }
}

// rw_semaphore: a bit for the writer, one that is set while somebody waits, and a count of readers.
inline constexpr unsigned rwsem_written = 1u << 31, rwsem_waited_for = 1u << 30;

/// @p next(now) is what the value becomes, or the same if it is not to be had.
template <class Next> inline bool change_rwsem(rw_semaphore *sem, Next next) noexcept
{
    std::atomic_ref value(sem->value);
    unsigned now = value.load(std::memory_order_relaxed);
    for (unsigned then = next(now); then != now; then = next(now)) {
        if (value.compare_exchange_weak(now, then, std::memory_order_acquire,
                                        std::memory_order_relaxed))
            return true;
    }
    return false;
}
inline bool try_down_read(rw_semaphore *sem, unsigned blocked_by) noexcept
{
    return change_rwsem(sem, [=](unsigned now) { return now & blocked_by ? now : now + 1; });
}
inline bool try_down_write(rw_semaphore *sem) noexcept
{
    const bool taken = change_rwsem(
        sem, [](unsigned now) { return now & ~rwsem_waited_for ? now : now | rwsem_written; });
    if (taken)
        set_owner(sem->owner, this_cpu().id);
    return taken;
}
/// A reader does not overtake a writer who waits, or a stream of readers would keep him out for
/// ever.
inline bool wait_for_rwsem(rw_semaphore *sem, unsigned state, const char *function,
                           bool writes) noexcept
{
    if (debug && owner_of(sem->owner) == this_cpu().id)
        taken_twice(function, sem);
    meeting_place &place = place_of(sem);
    std::atomic_ref value(sem->value);
    const auto try_down = [&] {
        // set first, so that whoever makes the attempt fail knows of us when he leaves
        value.fetch_or(rwsem_waited_for);
        if (writes ? !try_down_write(sem)
                   : place.exclusive_waits(sem, &this_task()) || !try_down_read(sem, rwsem_written))
            return false;
        if (!place.anyone_waits(sem, &this_task()))
            value.fetch_and(~rwsem_waited_for);
        return true;
    };
    if (wait_for(sem, state, for_ever, try_down, writes).ready)
        return true;
    const std::lock_guard held(place.lock); // a signal came: who waited behind us may go on
    place.wake_some(sem, all_waiters);
    return false;
}
inline bool down_reading(rw_semaphore *sem, unsigned state, const char *function) noexcept
{
    may_sleep(function);
    return try_down_read(sem, rwsem_written | rwsem_waited_for) ||
           wait_for_rwsem(sem, state, function, false);
}
inline bool down_writing(rw_semaphore *sem, unsigned state, const char *function) noexcept
{
    may_sleep(function);
    return try_down_write(sem) || wait_for_rwsem(sem, state, function, true);
}
/// Takes @p less off the value, and has those who wait look again.
inline void up_rwsem(rw_semaphore *sem, unsigned less) noexcept
{
    const unsigned before = std::atomic_ref(sem->value).fetch_sub(less, std::memory_order_release);
    if ((before & rwsem_waited_for) == 0)
        return;
    meeting_place &place = place_of(sem);
    const std::lock_guard held(place.lock);
    place.wake_some(sem, all_waiters);
}

inline wait_result down_counting(semaphore *sem, unsigned state, long timeout,
                                 const char *function) noexcept
{
    may_sleep(function);
    return wait_for(sem, state, timeout, [sem] {
        if (sem->count == 0)
            return false;
        --sem->count;
        return true;
    });
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void mutex_lock(mutex *lock) noexcept
{
    host::lock_sleeping(lock, TASK_UNINTERRUPTIBLE, "mutex_lock");
}
bool mutex_lock_interruptible(mutex *lock) noexcept
{
    return host::lock_sleeping(lock, TASK_INTERRUPTIBLE, "mutex_lock_interruptible");
}
bool mutex_lock_killable(mutex *lock) noexcept
{
    return host::lock_sleeping(lock, TASK_KILLABLE, "mutex_lock_killable");
}
bool mutex_trylock(mutex *lock) noexcept { return host::try_lock(host::this_cpu(), lock); }
void mutex_unlock(mutex *lock) noexcept { host::unlock(lock, "mutex_unlock"); }

void rt_mutex_lock(rt_mutex *lock) noexcept
{
    host::lock_sleeping(lock, TASK_UNINTERRUPTIBLE, "rt_mutex_lock");
}
bool rt_mutex_lock_interruptible(rt_mutex *lock) noexcept
{
    return host::lock_sleeping(lock, TASK_INTERRUPTIBLE, "rt_mutex_lock_interruptible");
}
bool rt_mutex_trylock(rt_mutex *lock) noexcept { return host::try_lock(host::this_cpu(), lock); }
void rt_mutex_unlock(rt_mutex *lock) noexcept { host::unlock(lock, "rt_mutex_unlock"); }

void down_read(rw_semaphore *sem) noexcept
{
    host::down_reading(sem, TASK_UNINTERRUPTIBLE, "down_read");
}
bool down_read_killable(rw_semaphore *sem) noexcept
{
    return host::down_reading(sem, TASK_KILLABLE, "down_read_killable");
}
bool down_read_trylock(rw_semaphore *sem) noexcept
{
    return host::try_down_read(sem, host::rwsem_written);
}
void up_read(rw_semaphore *sem) noexcept
{
    const unsigned readers = std::atomic_ref(sem->value).load(std::memory_order_relaxed) &
                             ~(host::rwsem_written | host::rwsem_waited_for);
    if (host::debug && readers == 0)
        host::not_owned("up_read", "DEBUG_RWSEMS_WARN_ON(tmp < 0)", sem);
    host::up_rwsem(sem, 1);
}
void down_write(rw_semaphore *sem) noexcept
{
    host::down_writing(sem, TASK_UNINTERRUPTIBLE, "down_write");
}
bool down_write_killable(rw_semaphore *sem) noexcept
{
    return host::down_writing(sem, TASK_KILLABLE, "down_write_killable");
}
bool down_write_trylock(rw_semaphore *sem) noexcept { return host::try_down_write(sem); }
void up_write(rw_semaphore *sem) noexcept
{
    if (host::debug && host::owner_of(sem->owner) != host::this_cpu().id)
        host::not_owned("up_write", "DEBUG_RWSEMS_WARN_ON((rwsem_owner(sem) != current))", sem);
    host::set_owner(sem->owner, 0);
    host::up_rwsem(sem, host::rwsem_written);
}
void downgrade_write(rw_semaphore *sem) noexcept
{
    if (host::debug && host::owner_of(sem->owner) != host::this_cpu().id)
        host::not_owned("downgrade_write", "DEBUG_RWSEMS_WARN_ON(rwsem_owner(sem) != current)",
                        sem);
    host::set_owner(sem->owner, 0);
    host::up_rwsem(sem, host::rwsem_written - 1);
}

void down(semaphore *sem) noexcept
{
    host::down_counting(sem, TASK_UNINTERRUPTIBLE, host::for_ever, "down");
}
int down_interruptible(semaphore *sem) noexcept
{
    return host::down_counting(sem, TASK_INTERRUPTIBLE, host::for_ever, "down_interruptible").ready
               ? 0
               : -EINTR;
}
int down_killable(semaphore *sem) noexcept
{
    return host::down_counting(sem, TASK_KILLABLE, host::for_ever, "down_killable").ready ? 0
                                                                                          : -EINTR;
}
int down_timeout(semaphore *sem, long jiffies) noexcept
{
    return host::down_counting(sem, TASK_UNINTERRUPTIBLE, jiffies, "down_timeout").ready ? 0
                                                                                         : -ETIME;
}
int down_trylock(semaphore *sem) noexcept
{
    const std::lock_guard held(host::place_of(sem).lock);
    if (sem->count == 0)
        return 1;
    --sem->count;
    return 0;
}
void up(semaphore *sem) noexcept
{
    host::meeting_place &place = host::place_of(sem);
    const std::lock_guard held(place.lock);
    ++sem->count;
    place.wake_some(sem, 1);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
