// SPDX-License-Identifier: BSL-1.0
/// @file
/// rw_semaphore and percpu_rw_semaphore, which are the same here.
/// @par Kernel source
/// The messages: kernel/locking/rwsem.c (6.12).
#pragma once

#include <kctx/host/mutex.hpp>
#include <kctx/lock/percpu_rwsem.hpp>
#include <kctx/lock/rwsem.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

// A bit for the writer, one that is set while somebody waits, and a count of readers.
inline constexpr unsigned rwsem_written = 1u << 31, rwsem_waited_for = 1u << 30;

/// @p next(now) is what the value becomes, or the same if it is not to be had.
template <class Sem, class Next> inline bool change_rwsem(Sem *sem, Next next) noexcept
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
template <class Sem> inline bool try_down_read(Sem *sem, unsigned blocked_by) noexcept
{
    return change_rwsem(sem, [=](unsigned now) { return now & blocked_by ? now : now + 1; });
}
template <class Sem> inline bool try_down_write(Sem *sem) noexcept
{
    const bool taken = change_rwsem(
        sem, [](unsigned now) { return now & ~rwsem_waited_for ? now : now | rwsem_written; });
    if (taken)
        set_owner(sem->owner, this_cpu().id);
    return taken;
}
/// A reader does not overtake a writer who waits, or a stream of readers would keep him out for
/// ever.
template <class Sem>
inline bool wait_for_rwsem(Sem *sem, unsigned state, const char *function, bool writes) noexcept
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
template <class Sem>
inline bool down_reading(Sem *sem, unsigned state, const char *function) noexcept
{
    may_sleep(function);
    return try_down_read(sem, rwsem_written | rwsem_waited_for) ||
           wait_for_rwsem(sem, state, function, false);
}
template <class Sem>
inline bool down_writing(Sem *sem, unsigned state, const char *function) noexcept
{
    may_sleep(function);
    return try_down_write(sem) || wait_for_rwsem(sem, state, function, true);
}
/// Takes @p less off the value, and has those who wait look again.
template <class Sem> inline void up_rwsem(Sem *sem, unsigned less) noexcept
{
    const unsigned before = std::atomic_ref(sem->value).fetch_sub(less, std::memory_order_release);
    if ((before & rwsem_waited_for) == 0)
        return;
    meeting_place &place = place_of(sem);
    const std::lock_guard held(place.lock);
    place.wake_some(sem, all_waiters);
}
template <class Sem> inline void up_reading(Sem *sem, const char *function) noexcept
{
    const unsigned readers = std::atomic_ref(sem->value).load(std::memory_order_relaxed) &
                             ~(rwsem_written | rwsem_waited_for);
    if (debug && readers == 0)
        not_owned(function, "DEBUG_RWSEMS_WARN_ON(tmp < 0)", sem);
    up_rwsem(sem, 1);
}
template <class Sem>
inline void up_writing(Sem *sem, const char *function, unsigned less = rwsem_written) noexcept
{
    if (debug && owner_of(sem->owner) != this_cpu().id)
        not_owned(function, "DEBUG_RWSEMS_WARN_ON((rwsem_owner(sem) != current))", sem);
    set_owner(sem->owner, 0);
    up_rwsem(sem, less);
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void down_read(rw_semaphore *sem) noexcept
{
    host::down_reading(sem, TASK_UNINTERRUPTIBLE, "down_read");
}
bool down_read_interruptible(rw_semaphore *sem) noexcept
{
    return host::down_reading(sem, TASK_INTERRUPTIBLE, "down_read_interruptible");
}
bool down_read_killable(rw_semaphore *sem) noexcept
{
    return host::down_reading(sem, TASK_KILLABLE, "down_read_killable");
}
bool down_read_trylock(rw_semaphore *sem) noexcept
{
    return host::try_down_read(sem, host::rwsem_written);
}
void up_read(rw_semaphore *sem) noexcept { host::up_reading(sem, "up_read"); }
void down_write(rw_semaphore *sem) noexcept
{
    host::down_writing(sem, TASK_UNINTERRUPTIBLE, "down_write");
}
bool down_write_killable(rw_semaphore *sem) noexcept
{
    return host::down_writing(sem, TASK_KILLABLE, "down_write_killable");
}
bool down_write_trylock(rw_semaphore *sem) noexcept { return host::try_down_write(sem); }
void up_write(rw_semaphore *sem) noexcept { host::up_writing(sem, "up_write"); }
/// The writer's bit goes, and a reader comes.
void downgrade_write(rw_semaphore *sem) noexcept
{
    host::up_writing(sem, "downgrade_write", host::rwsem_written - 1);
}

void percpu_down_read(percpu_rw_semaphore *sem) noexcept
{
    host::down_reading(sem, TASK_UNINTERRUPTIBLE, "percpu_down_read");
}
int percpu_init_rwsem(percpu_rw_semaphore *sem) noexcept
{
    host::may_sleep("percpu_init_rwsem");
    *sem = {};
    return 0;
}
void percpu_free_rwsem(percpu_rw_semaphore *) noexcept {}
bool percpu_down_read_trylock(percpu_rw_semaphore *sem) noexcept
{
    return host::try_down_read(sem, host::rwsem_written);
}
void percpu_up_read(percpu_rw_semaphore *sem) noexcept { host::up_reading(sem, "percpu_up_read"); }
void percpu_down_write(percpu_rw_semaphore *sem) noexcept
{
    host::down_writing(sem, TASK_UNINTERRUPTIBLE, "percpu_down_write");
}
void percpu_up_write(percpu_rw_semaphore *sem) noexcept
{
    host::up_writing(sem, "percpu_up_write");
}

/// A thread's CPU does not go before the thread.
void cpus_read_lock() noexcept { host::may_sleep("cpus_read_lock"); }
void cpus_read_unlock() noexcept {}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
