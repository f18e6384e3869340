// SPDX-License-Identifier: BSL-1.0
/// @file
/// The scheduler's calls, and delays.
#pragma once

#include <kctx/api/delay.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

inline long sleep_in(const char *function, unsigned state, long timeout)
{
    const frame in(function);
    here().current().state = state;
    return here().schedule_timeout(timeout);
}

/// might_sleep() prints the file and line that it stands in. A driver's calls tell neither, so the
/// function that makes the call is named in their place.
inline void might_sleep_here()
{
    const auto &frames = here().current().frames;
    here().might_sleep(frames.empty() ? "?" : frames.back(), 0);
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

task_struct *get_current() noexcept { return &sim::here().current(); }
bool need_resched() noexcept { return sim::here().need_resched(); }
void set_current_state(unsigned int state) noexcept { sim::here().current().state = state; }
void __set_current_state(unsigned int state) noexcept { sim::here().current().state = state; }
int wake_up_process(task_struct *task) noexcept { return sim::here().wake_up(*task, TASK_NORMAL); }

void schedule() noexcept { sim::here().schedule(); }
long schedule_timeout(long timeout) noexcept { return sim::here().schedule_timeout(timeout); }
long schedule_timeout_interruptible(long timeout) noexcept
{
    return sim::sleep_in("schedule_timeout_interruptible", TASK_INTERRUPTIBLE, timeout);
}
long schedule_timeout_killable(long timeout) noexcept
{
    return sim::sleep_in("schedule_timeout_killable", TASK_KILLABLE, timeout);
}
long schedule_timeout_uninterruptible(long timeout) noexcept
{
    return sim::sleep_in("schedule_timeout_uninterruptible", TASK_UNINTERRUPTIBLE, timeout);
}
long schedule_timeout_idle(long timeout) noexcept
{
    return sim::sleep_in("schedule_timeout_idle", TASK_IDLE, timeout);
}
void might_sleep() noexcept { sim::might_sleep_here(); }
int cond_resched() noexcept
{
    sim::machine &m = sim::here();
    if (m.config.preempt != sim::preemption::voluntary) { // there might_sleep() is one already
        sim::might_sleep_here();
        return m.cond_resched();
    }
    const bool waited = m.need_resched();
    sim::might_sleep_here();
    return waited && !m.need_resched();
}
void yield() noexcept
{
    const sim::frame in("yield");
    sim::here().current().state = TASK_RUNNING;
    sim::here().schedule();
}

void ndelay(unsigned long nsecs) noexcept { sim::here().pass(nsecs); }
void udelay(unsigned long usecs) noexcept { sim::here().pass(usecs * 1000); }
void mdelay(unsigned long msecs) noexcept { sim::here().pass(msecs * 1'000'000); }
/// Rounded up to jiffies, and one more for the one that has begun.
void msleep(unsigned int msecs) noexcept
{
    const sim::frame in("msleep");
    const unsigned long jiffies = (1ul * msecs * sim::here().config.hz + 999) / 1000 + 1;
    env::schedule_timeout_uninterruptible(static_cast<long>(jiffies));
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
