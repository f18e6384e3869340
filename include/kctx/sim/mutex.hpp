// SPDX-License-Identifier: BSL-1.0
/// @file
/// Locks whose owners and waiters sleep: mutexes, semaphores, their kin for readers and writers.
/// @par Kernel source
/// kernel/locking/mutex.c, rtmutex_api.c, rwsem.c, semaphore.c, percpu-rwsem.c, ww_mutex.h (6.12).
#pragma once

#include <kctx/api/kernel.hpp>
#include <kctx/lock/mutex.hpp>
#include <kctx/lock/nested.hpp>
#include <kctx/sim/kernel_lock.hpp>
#include <kctx/sim/sched.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// Sleeps until none of the bits of @p mask is set in the lock; false if a signal came first.
template <class Lock> bool sleep_for(Lock *lock, unsigned mask, unsigned state)
{
    machine &m = here();
    while ((lock->value & mask) != 0) {
        m.sleep_on(lock, state, m.config.rt() ? m.task_of_number(lock->owner) : nullptr);
        if (signal_ends(state) && (lock->value & mask) != 0)
            return false;
    }
    return true;
}
/// Takes a lock with one owner after lockdep has agreed.
template <class Lock> bool own(Lock *lock, const lock_kind &kind, unsigned state, unsigned sub = 0)
{
    lockdep_acquire(here(), lock, kind, {.subclass = sub});
    if (!sleep_for(lock, taken, state)) {
        lockdep_release(here(), lock);
        return false;
    }
    lock->value = written;
    lock->owner = here().current().number;
    return true;
}
template <class Lock> bool own_if_free(Lock *lock, const lock_kind &kind)
{
    if (lock->value != 0)
        return false;
    lockdep_acquire(here(), lock, kind, {.trylock = true});
    lock->value = written;
    lock->owner = here().current().number;
    return true;
}
template <class Lock> void disown(Lock *lock, bool kind_has_readers = false)
{
    lockdep_release(here(), lock);
    lock->value = 0;
    lock->owner = 0;
    if (kind_has_readers)
        here().wake_all(lock);
    else
        here().wake_one(lock);
}
template <class Lock> bool join(Lock *lock, const lock_kind &kind, unsigned state)
{
    lockdep_acquire(here(), lock, kind, {.mode = lock_mode::read});
    if (!sleep_for(lock, written, state)) {
        lockdep_release(here(), lock);
        return false;
    }
    ++lock->value;
    return true;
}
template <class Lock> bool join_if_free(Lock *lock, const lock_kind &kind)
{
    if ((lock->value & written) != 0)
        return false;
    lockdep_acquire(here(), lock, kind, {.mode = lock_mode::read, .trylock = true});
    ++lock->value;
    return true;
}
template <class Lock> void part_from(Lock *lock)
{
    lockdep_release(here(), lock);
    if (--lock->value == 0)
        here().wake_all(lock);
}

/// A percpu_rw_semaphore has a map without a wait type.
inline constexpr lock_kind percpu_rwsem_kind{"percpu_rw_semaphore", lock_wait::unchecked};

/// mutex_lock() in all its forms: false if a signal ended the wait.
inline bool mutex_lock_common(mutex *lock, unsigned state, unsigned sub = 0)
{
    if (here().config.rt())
        sleeps("kernel/locking/rtmutex_api.c", 518);
    else
        sleeps("kernel/locking/mutex.c", 586);
    return own(lock, mutex_kind, state, sub);
}
/// rt_mutex_lock() in all its forms: false if a signal ended the wait.
inline bool rt_mutex_lock_common(rt_mutex *lock, unsigned state)
{
    sleeps("kernel/locking/rtmutex_api.c", 29);
    return own(lock, rt_mutex_kind, state);
}
/// down() in all its forms: 0, or -errno of a signal or a timeout (jiffies).
inline int down_common(semaphore *sem, unsigned state, long timeout = MAX_SCHEDULE_TIMEOUT)
{
    sleeps("kernel/locking/semaphore.c", 59);
    raw_section inside(lock_inside<raw_spinlock_t>(sem, "(sem)->lock"));
    while (sem->count == 0) {
        if (timeout == 0)
            return -ETIME;
        inside.leave();
        if (sem->count == 0) // an interrupt may have come with the unlock
            timeout = here().sleep_on_timeout(sem, state, timeout);
        inside.enter();
        if (sem->count == 0 && signal_ends(state))
            return -EINTR;
    }
    --sem->count;
    return 0;
}
inline const kernel_lock<percpu_rw_semaphore> cpu_hotplug_lock("cpu_hotplug_lock");

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void mutex_lock(mutex *lock) noexcept
{
    const sim::in_call in("mutex_lock");
    sim::mutex_lock_common(lock, TASK_UNINTERRUPTIBLE);
}
bool mutex_lock_interruptible(mutex *lock) noexcept
{
    const sim::in_call in("mutex_lock_interruptible");
    return sim::mutex_lock_common(lock, TASK_INTERRUPTIBLE);
}
bool mutex_lock_killable(mutex *lock) noexcept
{
    const sim::in_call in("mutex_lock_killable");
    return sim::mutex_lock_common(lock, TASK_KILLABLE);
}
bool mutex_trylock(mutex *lock) noexcept
{
    const sim::in_call in("mutex_trylock");
    if (sim::here().config.rt())
        sim::warn_once_on(!sim::here().in_task(), sim::at("kernel/locking/rtmutex_api.c", 602),
                          "mutex_trylock");
    return sim::own_if_free(lock, sim::mutex_kind);
}
void mutex_unlock(mutex *lock) noexcept
{
    const sim::in_call in("mutex_unlock");
    sim::disown(lock);
}
bool mutex_is_locked(mutex *lock) noexcept { return lock->value != 0; }

void rt_mutex_lock(rt_mutex *lock) noexcept
{
    const sim::in_call in("rt_mutex_lock");
    sim::rt_mutex_lock_common(lock, TASK_UNINTERRUPTIBLE);
}
bool rt_mutex_lock_interruptible(rt_mutex *lock) noexcept
{
    const sim::in_call in("rt_mutex_lock_interruptible");
    return sim::rt_mutex_lock_common(lock, TASK_INTERRUPTIBLE);
}
bool rt_mutex_trylock(rt_mutex *lock) noexcept
{
    const sim::in_call in("rt_mutex_trylock");
    sim::warn_once_on(!sim::here().in_task(), sim::at("kernel/locking/rtmutex_api.c", 122),
                      "rt_mutex_trylock");
    return sim::own_if_free(lock, sim::rt_mutex_kind);
}
void rt_mutex_unlock(rt_mutex *lock) noexcept
{
    const sim::in_call in("rt_mutex_unlock");
    sim::disown(lock);
}

// Wound/wait: who came first keeps what it has; the other one backs off.
void ww_mutex_lock_slow(ww_mutex *lock) noexcept
{
    const sim::in_call in("ww_mutex_lock_slow");
    sim::mutex_lock_common(&lock->base, TASK_UNINTERRUPTIBLE);
}
bool ww_mutex_lock(ww_mutex *lock, ww_acquire_ctx *acquire) noexcept
{
    const sim::in_call in("ww_mutex_lock");
    if (lock->base.value != 0 && lock->holder != nullptr && acquire != nullptr &&
        acquire->acquired != 0 && lock->holder->stamp < acquire->stamp)
        return false;
    sim::mutex_lock_common(&lock->base, TASK_UNINTERRUPTIBLE);
    lock->holder = acquire;
    if (acquire != nullptr)
        ++acquire->acquired;
    return true;
}
bool ww_mutex_trylock(ww_mutex *lock) noexcept
{
    const sim::in_call in("ww_mutex_trylock");
    return sim::own_if_free(&lock->base, sim::mutex_kind);
}
void ww_mutex_unlock(ww_mutex *lock) noexcept
{
    const sim::in_call in("ww_mutex_unlock");
    if (ww_acquire_ctx *holder = std::exchange(lock->holder, nullptr))
        --holder->acquired;
    sim::disown(&lock->base);
}

void down(semaphore *sem) noexcept
{
    const sim::in_call in("down");
    sim::down_common(sem, TASK_UNINTERRUPTIBLE);
}
int down_interruptible(semaphore *sem) noexcept
{
    const sim::in_call in("down_interruptible");
    return sim::down_common(sem, TASK_INTERRUPTIBLE);
}
int down_killable(semaphore *sem) noexcept
{
    const sim::in_call in("down_killable");
    return sim::down_common(sem, TASK_KILLABLE);
}
int down_timeout(semaphore *sem, long timeout) noexcept
{
    const sim::in_call in("down_timeout");
    return sim::down_common(sem, TASK_UNINTERRUPTIBLE, timeout);
}
int down_trylock(semaphore *sem) noexcept
{
    const sim::in_call in("down_trylock");
    const sim::raw_section inside(sim::lock_inside<raw_spinlock_t>(sem, "(sem)->lock"));
    if (sem->count == 0)
        return 1;
    --sem->count;
    return 0;
}
void up(semaphore *sem) noexcept
{
    const sim::in_call in("up");
    const sim::raw_section inside(sim::lock_inside<raw_spinlock_t>(sem, "(sem)->lock"));
    ++sem->count;
    sim::here().wake_one(sem);
}

void down_read(rw_semaphore *lock) noexcept
{
    const sim::in_call in("down_read");
    sim::sleeps("kernel/locking/rwsem.c", 1523);
    sim::join(lock, sim::rwsem_kind, TASK_UNINTERRUPTIBLE);
}
bool down_read_interruptible(rw_semaphore *lock) noexcept
{
    const sim::in_call in("down_read_interruptible");
    sim::sleeps("kernel/locking/rwsem.c");
    return sim::join(lock, sim::rwsem_kind, TASK_INTERRUPTIBLE);
}
bool down_read_killable(rw_semaphore *lock) noexcept
{
    const sim::in_call in("down_read_killable");
    sim::sleeps("kernel/locking/rwsem.c");
    return sim::join(lock, sim::rwsem_kind, TASK_KILLABLE);
}
bool down_read_trylock(rw_semaphore *lock) noexcept
{
    const sim::in_call in("down_read_trylock");
    return sim::join_if_free(lock, sim::rwsem_kind);
}
void up_read(rw_semaphore *lock) noexcept
{
    const sim::in_call in("up_read");
    sim::part_from(lock);
}
void down_write(rw_semaphore *lock) noexcept
{
    const sim::in_call in("down_write");
    sim::sleeps("kernel/locking/rwsem.c", 1576);
    sim::own(lock, sim::rwsem_kind, TASK_UNINTERRUPTIBLE);
}
bool down_write_killable(rw_semaphore *lock) noexcept
{
    const sim::in_call in("down_write_killable");
    sim::sleeps("kernel/locking/rwsem.c");
    return sim::own(lock, sim::rwsem_kind, TASK_KILLABLE);
}
bool down_write_trylock(rw_semaphore *lock) noexcept
{
    const sim::in_call in("down_write_trylock");
    return sim::own_if_free(lock, sim::rwsem_kind);
}
void up_write(rw_semaphore *lock) noexcept
{
    const sim::in_call in("up_write");
    sim::disown(lock, true);
}
void downgrade_write(rw_semaphore *lock) noexcept
{
    const sim::in_call in("downgrade_write");
    lock->value = 1;
    lock->owner = 0;
    sim::here().wake_all(lock);
}

void percpu_down_read(percpu_rw_semaphore *lock) noexcept
{
    const sim::in_call in("percpu_down_read");
    sim::sleeps("include/linux/percpu-rwsem.h", 49);
    sim::join(lock, sim::percpu_rwsem_kind, TASK_UNINTERRUPTIBLE);
}
bool percpu_down_read_trylock(percpu_rw_semaphore *lock) noexcept
{
    const sim::in_call in("percpu_down_read_trylock");
    return sim::join_if_free(lock, sim::percpu_rwsem_kind);
}
void percpu_up_read(percpu_rw_semaphore *lock) noexcept
{
    const sim::in_call in("percpu_up_read");
    sim::part_from(lock);
}
void percpu_down_write(percpu_rw_semaphore *lock) noexcept
{
    const sim::in_call in("percpu_down_write");
    sim::sleeps("kernel/locking/percpu-rwsem.c");
    sim::own(lock, sim::percpu_rwsem_kind, TASK_UNINTERRUPTIBLE);
}
void percpu_up_write(percpu_rw_semaphore *lock) noexcept
{
    const sim::in_call in("percpu_up_write");
    sim::disown(lock, true);
}
int percpu_init_rwsem(percpu_rw_semaphore *) noexcept { return 0; }
void percpu_free_rwsem(percpu_rw_semaphore *) noexcept {}
void cpus_read_lock() noexcept { env::percpu_down_read(sim::cpu_hotplug_lock.get()); }
void cpus_read_unlock() noexcept { env::percpu_up_read(sim::cpu_hotplug_lock.get()); }

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
