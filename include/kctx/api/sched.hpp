// SPDX-License-Identifier: BSL-1.0
/// @file
/// The scheduler as drivers call it: giving up the CPU, task states, waking a task.
/// @par Kernel source
/// include/linux/sched.h, kernel/sched/core.c, kernel/time/sleep_timeout.c (6.12).
#pragma once

#include <kctx/declare/call.hpp>

namespace kctx {

/// A task; the environment's.
struct task_struct;

/// Task states.
inline constexpr unsigned TASK_RUNNING = 0;
inline constexpr unsigned TASK_INTERRUPTIBLE = 1;   ///< a wakeup or a signal ends the sleep
inline constexpr unsigned TASK_UNINTERRUPTIBLE = 2; ///< only a wakeup does
inline constexpr unsigned TASK_WAKEKILL = 0x100;    ///< a fatal signal ends the sleep, too
inline constexpr unsigned TASK_NOLOAD = 0x400;      ///< not counted in the load average
/// A wakeup or a fatal signal does.
inline constexpr unsigned TASK_KILLABLE = TASK_WAKEKILL | TASK_UNINTERRUPTIBLE;
/// A wakeup does; not counted in the load average.
inline constexpr unsigned TASK_IDLE = TASK_UNINTERRUPTIBLE | TASK_NOLOAD;
/// Whom wake_up_process() wakes.
inline constexpr unsigned TASK_NORMAL = TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE;
/// For schedule_timeout(): no timeout.
inline constexpr long MAX_SCHEDULE_TIMEOUT = static_cast<long>(~0ul >> 1);

// The kinds of call that mean the current task, which in an interrupt is the interrupted one.
namespace rule {
/// The current task is the one that acts: neither NMI nor hard irq nor softirq.
struct is_task {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return !s.nmi && !s.hardirq && !s.serving_softirq;
    }
};
} // namespace rule
#define KCTX_BREAKS_is_task(name)                                                                  \
    "kctx[task-only]: " name "() acts on the current task, which this interrupt only borrows; "    \
    "fix: do it in a work item or threaded irq"
#define KCTX_LEVEL_acts_on_task spin
#define KCTX_RULE_acts_on_task is_task
#define KCTX_SLUG_acts_on_task "task-only"
#define KCTX_SAYS_acts_on_task(name, why) name "() is for tasks (it " why ")"
// Those among them that take a spinlock_t as well.
#define KCTX_LEVEL_locks_for_task config
#define KCTX_RULE_locks_for_task is_task
#define KCTX_SLUG_locks_for_task "rt-lock-in-raw-section"
#define KCTX_SAYS_locks_for_task(name, why) KCTX_SAYS_locks(name, why)

#define KCTX_SCHED_WHY "gives up the CPU"
#define KCTX_SCHED_FIX "leave the atomic section first, or queue a work item that may wait"

/// Lets other tasks run; sleeps if the task's state says so.
KCTX_CALL(sleeps, void, schedule, (), (), KCTX_SCHED_WHY, KCTX_SCHED_FIX,
          "kernel/sched/core.c schedule()")
/// Sleeps for at most @p timeout jiffies in the state set before; returns the jiffies left.
KCTX_CALL(sleeps, long, schedule_timeout, (long timeout), (timeout), KCTX_SCHED_WHY, KCTX_SCHED_FIX,
          "kernel/time/sleep_timeout.c schedule_timeout()")
KCTX_CALL(sleeps, long, schedule_timeout_interruptible, (long timeout), (timeout), KCTX_SCHED_WHY,
          KCTX_SCHED_FIX, "kernel/time/sleep_timeout.c schedule_timeout_interruptible()")
KCTX_CALL(sleeps, long, schedule_timeout_killable, (long timeout), (timeout), KCTX_SCHED_WHY,
          KCTX_SCHED_FIX, "kernel/time/sleep_timeout.c schedule_timeout_killable()")
KCTX_CALL(sleeps, long, schedule_timeout_uninterruptible, (long timeout), (timeout), KCTX_SCHED_WHY,
          KCTX_SCHED_FIX, "kernel/time/sleep_timeout.c schedule_timeout_uninterruptible()")
KCTX_CALL(sleeps, long, schedule_timeout_idle, (long timeout), (timeout), KCTX_SCHED_WHY,
          KCTX_SCHED_FIX, "kernel/time/sleep_timeout.c schedule_timeout_idle()")
/// schedule() that counts as waiting for a disk.
KCTX_CALL(sleeps, void, io_schedule, (), (), KCTX_SCHED_WHY, KCTX_SCHED_FIX,
          "kernel/sched/core.c io_schedule()")
KCTX_CALL(sleeps, long, io_schedule_timeout, (long timeout), (timeout), KCTX_SCHED_WHY,
          KCTX_SCHED_FIX, "kernel/sched/core.c io_schedule_timeout()")
/// Lets a task run that has waited longer; returns whether it did.
KCTX_CALL(sleeps, int, cond_resched, (), (), "is a point where others may run", KCTX_SCHED_FIX,
          "include/linux/sched.h cond_resched()")
/// Lets other tasks of the same priority run.
KCTX_CALL(sleeps, void, yield, (), (), KCTX_SCHED_WHY, KCTX_SCHED_FIX,
          "kernel/sched/syscalls.c yield()")
/// Does nothing, and says that the caller may sleep.
KCTX_CALL(sleeps, void, might_sleep, (), (), "says so itself",
          "call the function that holds it where sleeping is allowed",
          "include/linux/kernel.h might_sleep()")
/// Wakes @p task, whatever it sleeps in; returns whether it slept.
KCTX_CALL(spins, int, wake_up_process, (task_struct * task), (task),
          "takes the raw locks of the task and its run queue",
          "irq_work_queue() it, and wake the task in the irq_work",
          "kernel/sched/core.c wake_up_process()")
/// The state that the task sleeps in from the next schedule() on.
KCTX_RULED_CALL(acts_on_task, void, set_current_state, (unsigned int state), (state),
                "changes the state of the current task", "do it in a work item or threaded irq",
                "include/linux/sched.h set_current_state()")
/// The same without a memory barrier.
KCTX_RULED_CALL(acts_on_task, void, __set_current_state, (unsigned int state), (state),
                "changes the state of the current task", "do it in a work item or threaded irq",
                "include/linux/sched.h __set_current_state()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// The current task, in an interrupt the interrupted one; legal in every context.
task_struct *get_current() noexcept KCTX_EFFECT_spin;
/// Whether a signal waits for @p task; legal in every context.
int signal_pending(task_struct *task) noexcept KCTX_EFFECT_spin;
/// Whether somebody waits for the CPU; legal in every context.
bool need_resched() noexcept KCTX_EFFECT_spin;
/// A pause in a busy-wait loop; legal in every context.
void cpu_relax() noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::cpu_relax;
using env::get_current;
using env::need_resched;
using env::signal_pending;
KCTX_LEGAL_ANYWHERE(cpu_relax, "pauses", "include/linux/processor.h cpu_relax()")
KCTX_LEGAL_ANYWHERE(get_current, "reads a pointer", "include/asm-generic/current.h get_current()")
KCTX_LEGAL_ANYWHERE(need_resched, "reads a flag", "include/linux/sched.h need_resched()")
KCTX_LEGAL_ANYWHERE(signal_pending, "reads a flag", "include/linux/sched/signal.h signal_pending()")

} // namespace kctx
