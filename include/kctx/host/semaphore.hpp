// SPDX-License-Identifier: BSL-1.0
/// @file
/// struct semaphore: its count is changed under the lock of its meeting place.
#pragma once

#include <kctx/host/wait.hpp>
#include <kctx/lock/semaphore.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

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
