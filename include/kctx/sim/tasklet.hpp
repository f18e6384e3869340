// SPDX-License-Identifier: BSL-1.0
/// @file
/// Tasklets and irq_work.
/// @par Kernel source
/// kernel/softirq.c, kernel/irq_work.c (6.12).
#pragma once

#include <kctx/api/irq_work.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// Bits of tasklet_struct::state.
inline constexpr unsigned long tasklet_scheduled = 1; ///< TASKLET_STATE_SCHED
inline constexpr unsigned long tasklet_running = 2;   ///< TASKLET_STATE_RUN

/// Runs it, unless it is disabled: then tasklet_enable() has it run.
inline void run_tasklet(tasklet_struct *t)
{
    if (t->count != 0) // tasklet_enable() has it run
        return;
    t->state = (t->state & ~tasklet_scheduled) | tasklet_running;
    const frame in("tasklet_action_common");
    t->callback(t);
    t->state &= ~tasklet_running;
    here().wake_all(t);
}
/// Raises the softirq that runs it; @p action is the function on its trace.
inline void raise_tasklet(tasklet_struct *t, const char *action)
{
    machine &m = here();
    const bool off = m.local_irq_save();
    m.raise_softirq([t] { run_tasklet(t); }, {action});
    m.local_irq_restore(off);
}
/// tasklet_schedule(): raises it, unless it is scheduled already.
inline void schedule_tasklet(tasklet_struct *t, const char *action)
{
    if ((t->state & tasklet_scheduled) != 0)
        return;
    t->state |= tasklet_scheduled;
    raise_tasklet(t, action);
}
/// Waits until it does not run, or is not scheduled either.
inline void wait_for_tasklet(tasklet_struct *t, unsigned long states)
{
    while ((t->state & states) != 0)
        here().sleep_on(t, TASK_UNINTERRUPTIBLE);
}

/// irq_work: in a hard irq at once, on PREEMPT_RT in a thread but for IRQ_WORK_HARD_IRQ.
class irq_works
{
    machine &m_;
    std::deque<irq_work *> queue_;
    std::unordered_map<unsigned, task_struct *> threads_; ///< by CPU
    static constexpr unsigned hard = 0x8, pending = 0x1;

public:
    explicit irq_works(machine &m) : m_(m) {}

    /// irq_work_queue(): whether it was not queued.
    bool queue(irq_work *work)
    {
        if ((work->flags & pending) != 0)
            return false;
        work->flags |= pending;
        m_.preempt_disable(); // irq_work_queue(): on this CPU
        if (m_.config.rt() && (work->flags & hard) == 0) {
            queue_.push_back(work);
            task_struct *&thread = threads_[m_.cpu_number()];
            if (thread) {
                m_.wake_up(*thread, TASK_NORMAL);
            } else {
                thread = &m_.kthread({.comm = text("irq_work/%u", m_.cpu_number()),
                                      .entry = {"smpboot_thread_fn", "run_irq_workd"},
                                      .cpu = m_.cpu_number(),
                                      .prio = 98, // SCHED_FIFO 1
                                      .serves = true},
                                     [this] { serve(); });
                thread->bound_to_cpu = true;
            }
        } else {
            m_.interrupt_now([this, work] { run(work); },
                             {"irq_work_run", "irq_work_run_list", "irq_work_single"},
                             (work->flags & hard) == 0);
        }
        m_.preempt_enable();
        return true;
    }
    /// irq_work_sync(): waits until it is not queued and does not run.
    void sync(irq_work *work)
    {
        m_.assert_irqs_enabled({"kernel/irq_work.c", m_.config.since(6, 12) ? 288 : 0},
                               "irq_work_sync");
        m_.might_sleep("kernel/irq_work.c", m_.config.since(6, 12) ? 289 : 0);
        while ((work->flags & pending) != 0)
            m_.sleep_on(work, TASK_UNINTERRUPTIBLE);
    }

private:
    void run(irq_work *work)
    {
        work->flags &= ~pending;
        work->func(work);
        m_.wake_all(work);
    }
    void serve()
    {
        for (;;) {
            if (queue_.empty()) {
                m_.current().state = TASK_INTERRUPTIBLE;
                m_.schedule();
                continue;
            }
            irq_work *const next = queue_.front();
            queue_.pop_front();
            const frame in("irq_work_single");
            m_.rcu_read_lock(); // such a thread was measured to be a reader meanwhile
            run(next);
            m_.rcu_read_unlock();
        }
    }
};

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void tasklet_schedule(tasklet_struct *t) noexcept
{
    sim::called("tasklet_schedule");
    sim::schedule_tasklet(t, "tasklet_action");
}
void tasklet_hi_schedule(tasklet_struct *t) noexcept
{
    sim::called("tasklet_hi_schedule");
    sim::schedule_tasklet(t, "tasklet_hi_action");
}
void tasklet_disable_nosync(tasklet_struct *t) noexcept
{
    sim::called("tasklet_disable_nosync");
    ++t->count;
}
void tasklet_enable(tasklet_struct *t) noexcept
{
    sim::called("tasklet_enable");
    --t->count;
    if (t->count == 0 && (t->state & sim::tasklet_scheduled) != 0)
        sim::raise_tasklet(t, "tasklet_action");
}
void tasklet_disable(tasklet_struct *t) noexcept
{
    sim::machine &m = sim::called("tasklet_disable");
    ++t->count;
    const sim::frame in("tasklet_unlock_wait");
    m.might_sleep("kernel/softirq.c", m.config.since(6, 12) ? 919 : 0);
    sim::wait_for_tasklet(t, sim::tasklet_running);
}
void tasklet_kill(tasklet_struct *t) noexcept
{
    sim::machine &m = sim::called("tasklet_kill");
    const sim::frame in("tasklet_kill");
    if (m.in_interrupt())
        m.printk(sim::level::notice, "Attempt to kill tasklet from interrupt");
    m.might_sleep("kernel/softirq.c", 0);
    sim::wait_for_tasklet(t, sim::tasklet_running | sim::tasklet_scheduled);
}

bool irq_work_queue(irq_work *work) noexcept
{
    return sim::called("irq_work_queue").part<sim::irq_works>().queue(work);
}
void irq_work_sync(irq_work *work) noexcept
{
    sim::called("irq_work_sync").part<sim::irq_works>().sync(work);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
