// SPDX-License-Identifier: BSL-1.0
/// @file
/// The scheduler's calls, and delays.
/// @par Kernel source
/// kernel/sched/core.c, kernel/sched/syscalls.c, kernel/time/sleep_timeout.c, include/linux/wait.h
#pragma once

#include <kctx/api/delay.hpp>
#include <kctx/sim/definitions.hpp>
#include <kctx/sim/lockdep.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// Around what a call does: it is on the shadow stack, and somebody may want something to happen at
/// its beginning.
class in_call
{
    frame in_;

public:
    explicit in_call(const char *function) : in_(function) { called(function); }
};

/// A line of 6.12's source; of other releases nobody has measured it.
inline source_line at(const char *file, int line)
{
    const machine_config &c = here().config;
    return {file, c.since(6, 12) && !c.since(6, 13) ? line : 0};
}
/// A macro of the kernel reports from where it stands, which is in the function that makes the
/// call; a driver's calls tell neither file nor line, so that function is named in their place. To
/// be asked before the call is on the stack.
inline source_line source_of_caller()
{
    const auto &frames = here().current().frames;
    return {frames.empty() ? "?" : frames.back(), 0};
}
inline void might_sleep_here()
{
    const source_line caller = source_of_caller();
    here().might_sleep(caller.file, caller.line);
}

/// set_current_state() at the place of the caller, which a report names
inline void set_state_here(unsigned state) { here().set_state(state, source_of_caller().file); }
/// Sleeps up to @p timeout jiffies in @p state; returns what is left.
inline long sleep_in(const char *function, unsigned state, long timeout)
{
    const in_call in(function);
    here().set_state(state, function);
    return here().schedule_timeout(timeout);
}
/// msecs_to_jiffies() with the machine's HZ.
inline long jiffies_of(unsigned long msecs)
{
    return static_cast<long>((msecs * here().config.hz + 999) / 1000);
}
/// schedule_hrtimeout_range(): an hrtimer ends the sleep.
inline void sleep_precisely(std::uint64_t ns)
{
    machine &m = here();
    const bool off = m.local_irq_save();
    lockdep_acquire(m, &m.cpu(), raw_spinlock_kind, {.name = "hrtimer_bases.lock"});
    lockdep_release(m, &m.cpu());
    m.local_irq_restore(off);
    const std::uint64_t end = m.now() + ns;
    do {
        const unsigned long before = m.jiffies();
        m.set_state(TASK_UNINTERRUPTIBLE, "usleep_range_state");
        m.schedule_hrtimeout(end - m.now());
        if (m.now() < end)
            m.spend_if_still(before);
    } while (m.now() < end);
}

/// Whether a signal ends a sleep in @p state.
inline bool signal_ends(unsigned state)
{
    return here().current().signal && (state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) != 0;
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

task_struct *get_current() noexcept { return &sim::here().current(); }
bool need_resched() noexcept { return sim::here().need_resched(); }
int signal_pending(task_struct *task) noexcept { return task->signal; }
/// Time passes for who spins.
void cpu_relax() noexcept { sim::called("cpu_relax").pass(100); }
void set_current_state(unsigned int state) noexcept
{
    sim::called("set_current_state");
    sim::set_state_here(state);
}
void __set_current_state(unsigned int state) noexcept
{
    sim::called("__set_current_state");
    sim::set_state_here(state);
}
int wake_up_process(task_struct *task) noexcept
{
    const sim::in_call in("wake_up_process");
    const bool woken = sim::here().wake_up(*task, TASK_NORMAL);
    sim::here().reschedule_if_needed();
    return woken;
}

void schedule() noexcept
{
    sim::called("schedule");
    sim::here().schedule();
}
void io_schedule() noexcept
{
    const sim::in_call in("io_schedule");
    sim::here().schedule();
}
long schedule_timeout(long timeout) noexcept
{
    sim::called("schedule_timeout");
    return sim::here().schedule_timeout(timeout);
}
long io_schedule_timeout(long timeout) noexcept
{
    const sim::in_call in("io_schedule_timeout");
    return sim::here().schedule_timeout(timeout);
}
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
void might_sleep() noexcept
{
    sim::called("might_sleep");
    sim::might_sleep_here();
}
int cond_resched() noexcept
{
    sim::machine &m = sim::called("cond_resched");
    const sim::source_line caller = sim::source_of_caller();
    // __might_resched() since 5.12: it does not ask for the task's state.
    if (m.config.since(5, 12))
        m.might_resched(caller);
    else if (m.config.preempt != sim::preemption::voluntary)
        m.might_sleep(caller.file, caller.line);
    if (m.config.preempt != sim::preemption::voluntary || m.config.since(5, 12))
        return m.cond_resched();
    const bool waited = m.need_resched(); // there might_sleep() is one already
    m.might_sleep(caller.file, caller.line);
    return waited && !m.need_resched();
}
void yield() noexcept
{
    const sim::in_call in("yield");
    sim::machine &m = sim::here();
    m.set_state(TASK_RUNNING);
    m.local_irq_save(); // do_sched_yield(): this_rq_lock_irq()
    m.local_irq_restore(false);
    m.schedule();
}

void ndelay(unsigned long nsecs) noexcept { sim::called("ndelay").pass(nsecs); }
void udelay(unsigned long usecs) noexcept { sim::called("udelay").pass(usecs * 1000); }
void mdelay(unsigned long msecs) noexcept { sim::called("mdelay").pass(msecs * 1'000'000); }
/// Rounded up to jiffies, and one more for the one that has begun.
void msleep(unsigned int msecs) noexcept
{
    const sim::in_call in("msleep");
    long left = sim::jiffies_of(msecs) + 1;
    while (left != 0) { // who wakes it for something else does not end it
        const unsigned long before = sim::here().jiffies();
        left = sim::sleep_in("schedule_timeout_uninterruptible", TASK_UNINTERRUPTIBLE, left);
        sim::here().spend_if_still(before);
    }
}
unsigned long msleep_interruptible(unsigned int msecs) noexcept
{
    const sim::in_call in("msleep_interruptible");
    long left = sim::jiffies_of(msecs) + 1;
    while (left != 0 && !sim::here().current().signal)
        left = sim::sleep_in("schedule_timeout_interruptible", TASK_INTERRUPTIBLE, left);
    return static_cast<unsigned long>(left) * 1000 / sim::here().config.hz;
}
void ssleep(unsigned int seconds) noexcept { env::msleep(seconds * 1000); }
void usleep_range(unsigned long, unsigned long max_us) noexcept
{
    const sim::in_call in("usleep_range_state");
    sim::sleep_precisely(std::uint64_t{max_us} * 1000);
}
/// The one that fits: a busy wait up to 10 us, usleep_range() up to 20 ms.
void fsleep(unsigned long usecs) noexcept
{
    if (usecs <= 10)
        env::udelay(usecs);
    else if (usecs <= 20000)
        env::usleep_range(usecs, 2 * usecs);
    else
        env::msleep(static_cast<unsigned>((usecs + 999) / 1000));
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
