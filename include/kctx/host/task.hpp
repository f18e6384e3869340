// SPDX-License-Identifier: BSL-1.0
/// @file
/// Tasks: the current one of each thread, how it sleeps and what wakes it.
#pragma once

#include <algorithm>
#include <condition_variable>

#include <kctx/api/signal.hpp>
#include <kctx/host/cpu.hpp>

namespace kctx {

/// A thread as the scheduler sees it.
struct task_struct {
    std::mutex lock;
    std::condition_variable woken;
    unsigned state = TASK_RUNNING; ///< guarded by lock, like the next
    unsigned long signals = 0;     ///< pending ones by number, SIGHUP being bit 0
    std::atomic<unsigned> users{1};
};

/// Who a signal is for.
struct pid {
    task_struct *task;
};

} // namespace kctx

KCTX_HOST_BEGIN
namespace kctx::host {

inline constexpr unsigned long hz = 1000; ///< jiffies a second
inline constexpr std::chrono::milliseconds jiffy{1000 / hz};
inline constexpr std::chrono::nanoseconds one_ns{1};
/// Waits of a hundred years and more have no end: what MAX_SCHEDULE_TIMEOUT means.
inline constexpr long for_ever = 100l * 365 * 24 * 3600 * static_cast<long>(hz);
/// What jiffies starts with: code that cannot bear 32 bits of them to wrap fails after five minutes
/// (include/linux/jiffies.h, INITIAL_JIFFIES).
inline constexpr unsigned long initial_jiffies =
    static_cast<unsigned int>(-300 * static_cast<int>(hz));

inline void drop(task_struct *task) noexcept
{
    if (task->users.fetch_sub(1, std::memory_order_acq_rel) == 1)
        delete task;
}

/// current: made when it is first asked for, and dropped with its thread.
inline task_struct &this_task() noexcept
{
    cpu &c = this_cpu();
    if (c.task) [[likely]]
        return *c.task;
    static thread_local struct owner {
        cpu *where = nullptr;
        ~owner()
        {
            if (where)
                drop(std::exchange(where->task, nullptr));
        }
    } owned;
    owned.where = &c;
    c.task = new task_struct;
    return *c.task;
}

/// Wakes @p task if it sleeps in one of the states of @p mask (kernel/sched/core.c,
/// try_to_wake_up()).
inline bool wake(task_struct &task, unsigned mask) noexcept
{
    const std::lock_guard held(task.lock);
    if ((task.state & mask) == 0)
        return false;
    task.state = TASK_RUNNING;
    task.woken.notify_one();
    return true;
}

inline constexpr unsigned long fatal_signal = 1ul << 8; // SIGKILL

/// Whether a pending signal ends a sleep in @p state (signal_pending_state()).
inline bool signal_ends(const task_struct &task, unsigned state) noexcept
{
    return ((state & TASK_INTERRUPTIBLE) && task.signals) ||
           ((state & TASK_WAKEKILL) && (task.signals & fatal_signal));
}
inline bool signal_ends_sleep(unsigned state) noexcept
{
    task_struct &me = this_task();
    const std::lock_guard held(me.lock);
    return signal_ends(me, state);
}

/// Sleeps in the state that the task has set, or goes on at once if a wakeup has ended it already.
/// Returns the jiffies left. (kernel/time/sleep_timeout.c, schedule_timeout())
inline long sleep(long timeout) noexcept
{
    task_struct &me = this_task();
    std::unique_lock held(me.lock);
    const auto awake = [&] { return me.state == TASK_RUNNING || signal_ends(me, me.state); };
    if (timeout < 0) {
        env::printk_at(KERN_ERR, "schedule_timeout: wrong timeout value %lx\n", timeout);
        timeout = 0;
    } else if (timeout >= for_ever) {
        me.woken.wait(held, awake);
    } else {
        const auto end = clock::now() + timeout * jiffy;
        me.woken.wait_until(held, end, awake);
        timeout = std::max(0l, static_cast<long>((end - clock::now() + jiffy - one_ns) / jiffy));
    }
    me.state = TASK_RUNNING;
    return timeout;
}
inline void set_state(unsigned state) noexcept
{
    task_struct &me = this_task();
    const std::lock_guard held(me.lock);
    me.state = state;
}
inline long sleep_in(unsigned state, long timeout) noexcept
{
    set_state(state);
    return sleep(timeout);
}

void send_signal(task_struct *task, int signal)
{
    const std::lock_guard held(task->lock);
    task->signals |= 1ul << (signal - 1);
    if (signal_ends(*task, task->state)) {
        task->state = TASK_RUNNING;
        task->woken.notify_one();
    }
}

void flush_signals(task_struct *task)
{
    const std::lock_guard held(task->lock);
    task->signals = 0;
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

task_struct *get_current() noexcept { return &host::this_task(); }
int signal_pending(task_struct *task) noexcept
{
    const std::lock_guard held(task->lock);
    return task->signals != 0;
}
/// Nobody waits for a CPU that is a thread's own.
bool need_resched() noexcept { return false; }
void cpu_relax() noexcept { std::this_thread::yield(); }

void set_current_state(unsigned int state) noexcept { host::set_state(state); }
void __set_current_state(unsigned int state) noexcept { host::set_state(state); }
int wake_up_process(task_struct *task) noexcept { return host::wake(*task, TASK_NORMAL); }

void schedule() noexcept
{
    host::may_sleep("schedule");
    host::sleep(host::for_ever);
}
void io_schedule() noexcept { env::schedule(); }
long schedule_timeout(long timeout) noexcept
{
    host::may_sleep("schedule_timeout");
    return host::sleep(timeout);
}
long io_schedule_timeout(long timeout) noexcept { return env::schedule_timeout(timeout); }
long schedule_timeout_interruptible(long timeout) noexcept
{
    host::may_sleep("schedule_timeout");
    return host::sleep_in(TASK_INTERRUPTIBLE, timeout);
}
long schedule_timeout_killable(long timeout) noexcept
{
    host::may_sleep("schedule_timeout");
    return host::sleep_in(TASK_KILLABLE, timeout);
}
long schedule_timeout_uninterruptible(long timeout) noexcept
{
    host::may_sleep("schedule_timeout");
    return host::sleep_in(TASK_UNINTERRUPTIBLE, timeout);
}
long schedule_timeout_idle(long timeout) noexcept
{
    host::may_sleep("schedule_timeout");
    return host::sleep_in(TASK_IDLE, timeout);
}
int cond_resched() noexcept
{
    host::may_sleep("cond_resched");
    std::this_thread::yield();
    return 0;
}
void yield() noexcept
{
    host::may_sleep("yield");
    std::this_thread::yield();
}
void might_sleep() noexcept { host::may_sleep("might_sleep"); }

int send_sig(int signal, task_struct *task, int) noexcept
{
    if (signal < 1 || signal > 64)
        return -EINVAL;
    host::send_signal(task, signal);
    return 0;
}
int kill_pid(pid *who, int signal, int from_kernel) noexcept
{
    return env::send_sig(signal, who->task, from_kernel);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
