// SPDX-License-Identifier: BSL-1.0
/// @file
/// Switching between tasks, sleeping and waking.
/// @par Kernel source
/// kernel/sched.c (2.6.32, 2.6.33), kernel/sched/core.c (3.10 and later): schedule(),
/// __cond_resched(), try_to_wake_up(); kernel/time/timer.c schedule_timeout(); kernel/exit.c;
/// kernel/locking/rtmutex.c for the priorities.
#pragma once

#include <kctx/sim/core.hpp>

namespace kctx::sim {

void machine::enqueue(task_struct &task) { cpus_[task.is.cpu].enqueue(task); }

std::uint64_t machine::stored_preempt_count()
{
    const std::uint64_t count = preempt_count();
    if (config.arch == kernel::arch::arm64)
        return count | (config.since(5, 0) && !need_resched() ? std::uint64_t{1} << 32 : 0);
    return count | (need_resched() ? 0 : units.fields.hidden);
}

void machine::put_to_sleep(task_struct &task, unsigned state)
{
    if (task.queued)
        cpus_[task.is.cpu].dequeue(task);
    task.state = state;
}

bool machine::may_be_preempted()
{
    return config.preemptible() && is_preemptible() && !cpu_->queue.empty() &&
           cpu_->queue.front()->prio <= current().prio;
}

void machine::preempt_schedule()
{
    const frame in("preempt_schedule");
    schedule_preempting();
}

void machine::schedule()
{
    const frame in("schedule");
    schedule_once(switching::voluntary);
}

void machine::schedule_rtlock()
{
    const frame in(config.since(5, 15) ? "schedule_rtlock" : "schedule");
    schedule_once(switching::rt_lock);
}

void machine::schedule_once(switching how)
{
    // The test is in schedule() itself up to 3.0, in __schedule() since.
    current().preempt_count += units.preempt;
    if (config.since(3, 1)) {
        const frame in("__schedule");
        switch_to_next(how);
    } else {
        switch_to_next(how);
    }
    current().preempt_count -= units.preempt;
    interrupt_point();
}

void machine::switch_to_next(switching how)
{
    task_struct &me = current();
    if (me.non_block_count != 0 && how == switching::voluntary && me.state != TASK_RUNNING &&
        config.debug_atomic_sleep && config.since(5, 4)) {
        printk(level::err,
               text("BUG: scheduling in a non-blocking section: %s/%d/%i", me.is.comm.c_str(),
                    me.is.pid, static_cast<int>(me.non_block_count)));
        dump_stack();
        add_taint('W');
    }
    // A task that exits may do so with a count until 4.3.
    if (units.atomic_in_schedule(me.preempt_count) && (config.since(4, 4) || !me.exited))
        scheduling_while_atomic();
    if (me.rcu_nesting != 0 && how == switching::voluntary && !me.exited && config.since(4, 14))
        warn_once(
            {"kernel/rcu/tree_plugin.h", config.since(6, 12) ? 331 : 0}, "rcu_note_context_switch",
            config.since(5, 13) ? "Voluntary context switch within RCU read-side critical section!"
                                : "");

    processor &c = *cpu_;
    c.need_resched = false;
    const bool at_preemption_point =
        how == switching::preempting || (me.preempt_count & units.preempt_active) != 0;
    const bool stays = me.state == TASK_RUNNING || at_preemption_point;
    if (&me != c.idle && stays && !me.queued)
        enqueue(me);
    task_struct *next = c.idle;
    if (!c.queue.empty()) {
        next = c.queue.front();
        c.dequeue(*next);
    }
    if (next == &me && &me == c.idle && me.state != TASK_RUNNING) { // dequeue_task_idle()
        printk(level::err, "bad: scheduling from the idle thread!");
        dump_stack();
        me.fiber.switch_to(main_); // time goes on to whatever wakes it
    }
    if (next != &me) {
        c.current = next;
        if (next->is.tables.pgdp != 0)
            c.tables = next->is.tables;
        me.blocked_since = now_;
        me.reported_hung = false;
        if (me.exited)
            ended_ = &me;
        me.fiber.switch_to(next->fiber, me.exited);
        reap();
    }
    cpu_->irqs_off = false; // finish_task_switch()
}

/// schedule() at a preemption point: the task goes on running whatever its state. Since 3.1 it is
/// __schedule() that is called.
void machine::schedule_preempting()
{
    current().preempt_count += units.preempt_active;
    if (config.since(3, 1))
        schedule_once(switching::preempting);
    else
        schedule();
    current().preempt_count -= units.preempt_active;
}

bool machine::cond_resched()
{
    const frame in("_cond_resched");
    // should_resched(): since 3.13 a count forbids it, before only PREEMPT_ACTIVE did.
    const unsigned forbids = config.since(3, 13) ? ~0u : units.preempt_active;
    if (!cpu_->need_resched || (preempt_count() & forbids) != 0)
        return false;
    const frame inner(config.since(4, 4) ? "preempt_schedule_common" : "__cond_resched");
    schedule_preempting();
    return true;
}

bool machine::wake_up(task_struct &task, unsigned states)
{
    if (task.exited)
        return false;
    if (task.waits_for_rtlock) { // ttwu_state_match(): it goes on when it has the lock
        if ((task.saved_state & states) == 0)
            return false;
        task.saved_state = TASK_RUNNING;
        return true;
    }
    if ((task.state & states) == 0)
        return false;
    make_running(task);
    return true;
}

void machine::make_running(task_struct &task)
{
    task.state = TASK_RUNNING;
    processor &c = cpus_[task.is.cpu];
    if (!task.queued && c.current != &task)
        enqueue(task);
    // Any task is better than none; among others a better one only where preemption takes it.
    if (c.current == c.idle || task.prio < c.current->prio)
        c.need_resched = true;
}

long machine::schedule_timeout(long timeout)
{
    const frame in("schedule_timeout");
    if (timeout == MAX_SCHEDULE_TIMEOUT) {
        schedule();
        return timeout;
    }
    if (timeout < 0) {
        printk(level::err, text("schedule_timeout: wrong timeout value %lx",
                                static_cast<unsigned long>(timeout)));
        dump_stack();
        current().state = TASK_RUNNING;
        return 0;
    }
    const unsigned long end = jiffies() + static_cast<unsigned long>(timeout);
    const std::uint64_t timer = wake_at(end * jiffy_ns(), true);
    schedule();
    forget_timeout(timer);
    return std::max(0l, static_cast<long>(end) - static_cast<long>(jiffies()));
}

bool machine::schedule_hrtimeout(std::uint64_t ns)
{
    const std::uint64_t end = now_ + ns;
    // An ordinary task's hrtimer is a softirq's on PREEMPT_RT.
    const std::uint64_t timer = wake_at(end, config.rt());
    schedule();
    forget_timeout(timer);
    return now_ >= end;
}

/// The task that runs is woken at @p ns: by the softirq of timers, or by the hard irq itself.
std::uint64_t machine::wake_at(std::uint64_t ns, bool by_softirq)
{
    task_struct &me = current();
    const auto wake = [this, &me, number = ++me.timeouts] {
        if (me.timeouts == number) // it still waits for this one
            wake_up(me, TASK_NORMAL);
    };
    if (!by_softirq)
        return irq_at(ns, wake, {"hrtimer_interrupt", "__hrtimer_run_queues", "hrtimer_wakeup"},
                      cpu_->id);
    return irq_at(
        ns,
        [this, wake] {
            raise_softirq(wake, {"run_timer_softirq", "__run_timers", "call_timer_fn"},
                          softirq_thread::timers);
        },
        {}, cpu_->id);
}
void machine::forget_timeout(std::uint64_t timer)
{
    ++current().timeouts;
    cancel(timer);
}

bool machine::sleep_on(const void *what, unsigned state, task_struct *owner)
{
    task_struct &me = current();
    waiter_queue &queue = waiters_.of(what);
    if (owner)
        queue.add(me);
    else
        queue.tasks.push_back(&me);
    me.state = state;
    me.waits_for = what;
    if (owner)
        lend_prio(what, *owner);
    if (me.waits_for_rtlock)
        schedule_rtlock();
    else
        schedule();
    if (std::exchange(me.waits_for, nullptr) == nullptr)
        return true; // wake_one() has taken it out
    leave_queue(what, me);
    return false;
}

void machine::sleep_on_rtlock(const void *lock, task_struct *owner)
{
    current().waits_for_rtlock = true;
    sleep_on(lock, TASK_UNINTERRUPTIBLE, owner);
    current().waits_for_rtlock = false;
}

long machine::sleep_on_timeout(const void *what, unsigned state, long timeout)
{
    if (timeout == MAX_SCHEDULE_TIMEOUT) {
        const frame in("schedule_timeout");
        sleep_on(what, state);
        return timeout;
    }
    task_struct &me = current();
    waiters_.of(what).tasks.push_back(&me);
    me.state = state;
    me.waits_for = what;
    const long left = schedule_timeout(timeout);
    if (std::exchange(me.waits_for, nullptr) != nullptr)
        leave_queue(what, me);
    return left;
}

void machine::leave_queue(const void *what, task_struct &task)
{
    waiter_queue &queue = waiters_.of(what);
    std::erase(queue.tasks, &task);
    task_struct *const owner = queue.owner;
    if (queue.tasks.empty())
        waiters_.erase(what);
    if (owner)
        inherit(*owner);
}

task_struct *machine::wake_one(const void *what)
{
    waiter_queue *queue = waiters_.find(what);
    if (!queue)
        return nullptr;
    task_struct *const first = queue->tasks.front();
    first->waits_for = nullptr;
    leave_queue(what, *first);
    if (!first->exited)
        make_running(*first);
    preempt_check_resched();
    return first;
}

unsigned machine::wake_all(const void *what)
{
    unsigned woken = 0;
    while (is_waited_for(what)) {
        task_struct *const first = waiters_.find(what)->tasks.front();
        first->waits_for = nullptr;
        leave_queue(what, *first);
        if (!first->exited)
            make_running(*first);
        ++woken;
    }
    preempt_check_resched();
    return woken;
}

bool machine::is_waited_for(const void *what) { return waiters_.find(what) != nullptr; }

void machine::owns(const void *what)
{
    if (is_waited_for(what))
        lend_prio(what, current());
}

/// @p owner has what is waited for: it becomes as urgent as who waits for it, and so does whom it
/// waits for itself (rt_mutex_adjust_prio_chain()).
void machine::lend_prio(const void *what, task_struct &owner)
{
    waiter_queue &queue = waiters_.of(what);
    if (queue.owner != &owner) {
        queue.owner = &owner;
        owner.lends.push_back(what);
    }
    inherit(owner);
}

void machine::inherit(task_struct &owner)
{
    int prio = owner.is.prio;
    std::erase_if(owner.lends, [&](const void *what) {
        const waiter_queue *queue = waiters_.find(what);
        if (!queue || queue->owner != &owner)
            return true;
        prio = std::min(prio, queue->tasks.front()->prio);
        return false;
    });
    if (prio == owner.prio)
        return;
    owner.prio = prio;
    if (owner.queued) {
        cpus_[owner.is.cpu].dequeue(owner);
        enqueue(owner);
    }
    if (owner.waits_for) {
        waiter_queue &queue = waiters_.of(owner.waits_for);
        std::erase(queue.tasks, &owner);
        queue.add(owner);
        if (queue.owner && queue.owner != &owner)
            inherit(*queue.owner);
    }
}

void machine::spin_while(const unsigned &word, unsigned mask)
{
    while ((word & mask) != 0) {
        cpu_->spins_on = &word;
        cpu_->spins_for = mask;
        current().fiber.switch_to(main_);
        cpu_->spins_on = nullptr;
        interrupt_point();
    }
}

void machine::pass(std::uint64_t ns)
{
    const std::uint64_t end = now_ + ns;
    do {
        const bool comes = !events_.empty() && events_.begin()->first <= end;
        now_ = std::max(now_, comes ? events_.begin()->first : end);
        while (!events_.empty() && events_.begin()->first <= now_)
            make_due();
        // Meanwhile the other CPUs go on.
        if (ns != 0 && other_cpu_can_run())
            let_other_cpus_run();
        interrupt_point();
    } while (now_ < end);
}

void machine::idle_loop()
{
    for (;;) {
        interrupt_point();
        if (!cpu_->queue.empty()) { // schedule_preempt_disabled()
            current().preempt_count -= units.preempt;
            schedule();
            current().preempt_count += units.preempt;
        } else if (cpu_->interrupts.empty()) {
            current().fiber.switch_to(main_);
        }
    }
}

void machine::do_exit()
{
    task_struct &me = current();
    const frame in("do_exit");
    if ((me.preempt_count & ~units.preempt_active) != 0 && !config.since(5, 17)) {
        printk(level::info, text("note: %s[%d] exited with preempt_count %u", me.is.comm.c_str(),
                                 me.is.pid, me.preempt_count));
        if (config.since(4, 4))
            me.preempt_count = 0;
    }
    me.exited = true;
    me.state = TASK_UNINTERRUPTIBLE; // any but running: nobody wakes it
    if (config.since(4, 9)) {
        const frame last("do_task_dead");
        schedule_once(switching::voluntary);
    } else {
        schedule();
    }
}

} // namespace kctx::sim
