// SPDX-License-Identifier: BSL-1.0
/// @file
/// mutex, rt_mutex and ww_mutex.
/// @par Kernel source
/// The messages: kernel/locking/lockdep.c print_deadlock_bug(), kernel/locking/mutex-debug.c
/// debug_mutex_unlock(); the rules of ww_mutex: kernel/locking/ww_mutex.h (6.12).
#pragma once

#include <kctx/host/spinlock.hpp>
#include <kctx/host/wait.hpp>
#include <kctx/lock/mutex.hpp>
#include <kctx/lock/rt_mutex.hpp>
#include <kctx/lock/ww_mutex.hpp>

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

// ww_mutex: its holder is changed under the lock of its place, where those who wait look at it.

/// Whether @p acquire must give way to who holds the lock: to an older one, if it holds locks
/// itself that the other may want (Wait-Die, __ww_mutex_kill()).
inline bool gives_way(const ww_mutex *lock, const ww_acquire_ctx *acquire) noexcept
{
    const ww_acquire_ctx *other = lock->holder;
    return acquire && other && acquire->acquired != 0 && acquire->stamp > other->stamp;
}
/// Whether it was taken, and not given way for.
inline bool lock_ww(ww_mutex *lock, ww_acquire_ctx *acquire, const char *function) noexcept
{
    may_sleep(function);
    cpu &c = this_cpu();
    if (debug && owner_of(lock->base.owner) == c.id)
        taken_twice(function, lock);
    bool taken = false;
    wait_for(lock, TASK_UNINTERRUPTIBLE, for_ever, [&] {
        taken = std::exchange(lock->base.value, 1) == 0;
        if (!taken)
            return gives_way(lock, acquire);
        lock->holder = acquire;
        place_of(lock).wake_some(lock, all_waiters); // some may have to give way to this holder
        return true;
    });
    if (!taken)
        return false;
    set_owner(lock->base.owner, c.id);
    if (acquire)
        ++acquire->acquired;
    return true;
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
bool mutex_is_locked(mutex *lock) noexcept { return host::owner_of(lock->owner) != 0; }
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

bool ww_mutex_lock(ww_mutex *lock, ww_acquire_ctx *acquire) noexcept
{
    return host::lock_ww(lock, acquire, "ww_mutex_lock");
}
void ww_mutex_lock_slow(ww_mutex *lock) noexcept
{
    host::lock_ww(lock, nullptr, "ww_mutex_lock_slow");
}
bool ww_mutex_trylock(ww_mutex *lock) noexcept
{
    const std::lock_guard held(host::place_of(lock).lock);
    if (std::exchange(lock->base.value, 1) != 0)
        return false;
    host::set_owner(lock->base.owner, host::this_cpu().id);
    return true;
}
void ww_mutex_unlock(ww_mutex *lock) noexcept
{
    if (host::debug && host::owner_of(lock->base.owner) != host::this_cpu().id)
        host::not_owned("ww_mutex_unlock",
                        "DEBUG_LOCKS_WARN_ON(__owner_task(owner) != get_current())", lock);
    host::set_owner(lock->base.owner, 0);
    host::meeting_place &place = host::place_of(lock);
    const std::lock_guard held(place.lock);
    if (ww_acquire_ctx *const acquire = std::exchange(lock->holder, nullptr))
        --acquire->acquired;
    lock->base.value = 0;
    place.wake_some(lock, host::all_waiters);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
