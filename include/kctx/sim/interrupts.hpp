// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupts, softirqs, NMIs; bottom halves, RCU readers and migration.
/// @par Kernel source
/// kernel/softirq.c, include/linux/hardirq.h, include/linux/bottom_half.h; PREEMPT_RT: the second
/// half of kernel/softirq.c since 5.15, and the patches of 4.9 and 5.4 before.
#pragma once

#include <kctx/sim/locks.hpp>

namespace kctx::sim {

void machine::note_irqs(irq_trace::event &event)
{
    if (!config.prove_locking)
        return;
    task_struct &me = current();
    event = {++me.irqs.events, me.frames.empty() ? nullptr : me.frames.back()};
}

/// Interrupts come on: not within one (lockdep_hardirqs_on_prepare()).
void machine::lockdep_hardirqs_on()
{
    note_irqs(current().irqs.hardirqs_on);
    lockdep &checks = part<lockdep>();
    if (current().hardirq_context == 0 || checks.off() || !config.since(5, 8))
        return;
    checks.turn_off();
    warn({"kernel/locking/lockdep.c", config.since(6, 12) ? 4428 : 0},
         "lockdep_hardirqs_on_prepare", "DEBUG_LOCKS_WARN_ON(lockdep_hardirq_context())");
}

/// lockdep_assert_irqs_enabled()
void machine::assert_irqs_enabled(source_line at, const char *function)
{
    if (config.prove_locking && config.since(4, 15) && irqs_disabled() && !part<lockdep>().off())
        warn_once(at, function);
}

void machine::interrupt_now(std::function<void()> handler, call_path path, bool threadable)
{
    cpu_->interrupts.push_back(
        {std::move(handler), std::move(path), cpu_->id, threadable, ++last_event_});
    interrupt_point();
}

void machine::serve_interrupts()
{
    while (!cpu_->irqs_off && !cpu_->interrupts.empty()) {
        const interrupt next = std::move(cpu_->interrupts.front());
        cpu_->interrupts.pop_front();
        hardirq(next.handler, next.path, next.threadable);
    }
}

void machine::in_interrupt(unsigned unit, bool irqs_off, const std::function<void()> &handler,
                           const call_path &path)
{
    task_struct &me = current();
    const bool were_off = std::exchange(cpu_->irqs_off, irqs_off);
    if (irqs_off && !were_off)
        note_irqs(me.irqs.hardirqs_off);
    const std::size_t depth = me.frames.size();
    me.interrupts.push_back({depth, irqs_off});
    me.frames.insert(me.frames.end(), path.begin(), path.end());
    me.preempt_count += unit;
    handler();
    me.preempt_count -= unit;
    me.frames.resize(depth);
    me.interrupts.pop_back();
    if (irqs_off && !were_off)
        note_irqs(me.irqs.hardirqs_on);
    cpu_->irqs_off = were_off;
}

void machine::hardirq(const std::function<void()> &handler, const call_path &path, bool threadable)
{
    task_struct &me = current();
    const char *outer =
        std::exchange(cpu_->interrupted, me.frames.empty() ? nullptr : me.frames.back());
    const bool outer_threadable = std::exchange(me.hardirq_threadable, threadable);
    ++me.hardirq_context;
    in_interrupt(units.hardirq, true, handler, path);
    --me.hardirq_context;
    me.hardirq_threadable = outer_threadable;
    cpu_->interrupted = outer;
    // invoke_softirq(): not within another interrupt, nor with bottom halves disabled.
    if (!cpu_->softirqs.empty() && !in_interrupt()) {
        if (config.rt())
            wake_softirqd();
        else
            do_softirqs();
    }
    preempt_check_resched();
}

void machine::nmi(const std::function<void()> &handler, const call_path &path)
{
    ++current().hardirq_context;
    in_interrupt(units.nmi, true, handler, path);
    --current().hardirq_context;
}

void machine::softirq(const std::function<void()> &action, const call_path &path)
{
    task_struct &me = current();
    if (config.rt()) { // in the task, which may sleep
        me.softirq_count += served;
        const std::size_t depth = me.frames.size();
        me.frames.insert(me.frames.end(), path.begin(), path.end());
        action();
        me.frames.resize(depth);
        me.softirq_count -= served;
        return;
    }
    ++me.softirq_context;
    const bool were_on = std::exchange(me.softirqs_on, false);
    in_interrupt(units.softirq, false, action, path);
    me.softirqs_on = were_on;
    --me.softirq_context;
}

void machine::do_softirqs()
{
    while (!cpu_->softirqs.empty()) {
        const softirq_action next = std::move(cpu_->softirqs.front());
        cpu_->softirqs.pop_front();
        softirq(next.action, next.path);
    }
}

void machine::raise_softirq(std::function<void()> action, call_path path, softirq_thread thread)
{
    // The threads of the patches had a softirq each; later all of them are ksoftirqd's.
    const bool timers_apart = config.rt() && (!config.since(5, 0) || config.since(6, 13));
    if (!timers_apart)
        thread = softirq_thread::ksoftirqd;
    cpu_->softirqs.push_back({std::move(action), std::move(path), thread});
    if (!in_interrupt())
        wake_softirqd();
}

void machine::wake_softirqd()
{
    for (const softirq_thread which : {softirq_thread::ksoftirqd, softirq_thread::timers}) {
        if (std::ranges::none_of(cpu_->softirqs, [which](const softirq_action &pending) {
                return pending.thread == which;
            }))
            continue;
        task_struct *&thread = cpu_->softirqd[static_cast<unsigned>(which)];
        if (thread) {
            wake_up(*thread, TASK_NORMAL);
            continue;
        }
        const char *name = which == softirq_thread::ksoftirqd ? "ksoftirqd"
                           : config.since(6, 13)              ? "ktimers"
                                                              : "ktimersoftd";
        call_path entry = config.since(3, 6) ? call_path{"smpboot_thread_fn", "run_ksoftirqd"}
                                             : call_path{"ksoftirqd"};
        const bool fifo = which == softirq_thread::timers; // SCHED_FIFO 1
        thread = &kthread({.comm = text("%s/%u", name, cpu_->id),
                           .entry = std::move(entry),
                           .cpu = cpu_->id,
                           .prio = fifo ? 98 : normal_prio,
                           .serves = true},
                          [this, which] { serve_softirqs(which); });
        thread->bound_to_cpu = true;
        if (thread->prio < current().prio)
            set_need_resched();
    }
}

/// What ksoftirqd does, and the other threads of softirqs.
void machine::serve_softirqs(softirq_thread which)
{
    const char *function = config.rt() && !config.since(5, 15) ? "do_current_softirqs"
                           : config.since(6, 9)                ? "handle_softirqs"
                                                               : "__do_softirq";
    for (;;) {
        const auto mine = [which](const softirq_action &a) { return a.thread == which; };
        const auto next = std::ranges::find_if(cpu_->softirqs, mine);
        if (next == cpu_->softirqs.end()) {
            current().state = TASK_INTERRUPTIBLE;
            schedule();
            continue;
        }
        current().state = TASK_RUNNING;
        const softirq_action action = std::move(*next);
        cpu_->softirqs.erase(next);
        if (config.rt())
            local_bh_disable();
        {
            const frame in(function);
            softirq(action.action, action.path);
        }
        if (config.rt())
            local_bh_enable();
    }
}

void machine::call_on(unsigned cpu, std::function<void()> function)
{
    if (cpu == cpu_->id) {
        const bool off = local_irq_save();
        function();
        local_irq_restore(off);
        return;
    }
    unsigned waits = 1;
    cpus_[cpu].interrupts.push_back({[&function, &waits] {
                                         function();
                                         waits = 0;
                                     },
                                     {},
                                     cpu,
                                     false,
                                     ++last_event_});
    preempt_disable();
    spin_while(waits, 1);
    preempt_enable();
}

void machine::local_bh_disable()
{
    task_struct &me = current();
    const bool warns = !config.rt() || config.since(5, 15);
    if (in_hardirq() && warns) // 6.12 has it in two places
        warn_once({"kernel/softirq.c", !config.since(6, 12) ? 0
                                       : config.rt()        ? 161
                                                            : 332},
                  "__local_bh_disable_ip");
    if (me.softirqs_on)
        note_irqs(me.irqs.softirqs_off);
    me.softirqs_on = false;
    if (!config.rt()) {
        count_add(units.bh_disable);
        return;
    }
    if (config.since(5, 15) && me.softirq_count == 0 && is_preemptible()) {
        local_lock_of_softirqs(*this, cpu_->softirq_lock);
        rcu_read_lock();
    } else if (!config.since(5, 15)) {
        migrate_disable();
    }
    me.softirq_count += units.fields.bh_disable;
}

void machine::local_bh_enable()
{
    task_struct &me = current();
    const int line = !config.since(6, 12) ? 0 : config.rt() ? 225 : 386;
    if (in_hardirq() && (!config.rt() || config.since(5, 15)))
        warn_once({"kernel/softirq.c", line}, "__local_bh_enable_ip");
    assert_irqs_enabled({"kernel/softirq.c", line + 1}, "__local_bh_enable_ip");
    // It turns them off for itself, and then on.
    if (irqs_disabled() && config.prove_locking && !config.rt())
        local_irq_restore(false);
    const auto comes_on = [&] {
        if (softirq_count() == 0) {
            me.softirqs_on = true;
            note_irqs(me.irqs.softirqs_on);
        }
    };
    if (!config.rt()) {
        // Softirqs run with preemption disabled, whether the kernel counts that or not.
        const bool pending = !cpu_->softirqs.empty();
        if (pending) {
            me.preempt_count -= units.bh_disable - 1;
            if (!in_interrupt())
                do_softirqs();
            --me.preempt_count;
        } else {
            me.preempt_count -= units.bh_disable;
        }
        comes_on();
        preempt_check_resched();
        return;
    }
    const bool last = me.softirq_count == units.fields.bh_disable;
    if (last && is_preemptible())
        do_softirqs();
    me.softirq_count -= units.fields.bh_disable;
    comes_on();
    if (!config.since(5, 15)) {
        migrate_enable();
    } else if (last && cpu_->softirq_lock.owner == me.number) {
        rcu_read_unlock();
        local_unlock_of_softirqs(*this, cpu_->softirq_lock);
    }
}

void machine::rcu_read_lock()
{
    if (config.preemptible()) // CONFIG_PREEMPT_RCU
        ++current().rcu_nesting;
    else
        preempt_disable();
    lockdep_acquire(*this, &rcu_kind, rcu_kind,
                    {.mode = lock_mode::read_recursive, .function = "rcu_read_lock"});
}
void machine::rcu_read_unlock()
{
    lockdep_release(*this, &rcu_kind);
    if (config.preemptible())
        --current().rcu_nesting;
    else
        preempt_enable();
}

void machine::migrate_disable()
{
    if (config.rt() || config.since(5, 11))
        ++current().migration_disabled;
    else
        preempt_disable();
}
void machine::migrate_enable()
{
    if (config.rt() || config.since(5, 11))
        --current().migration_disabled;
    else
        preempt_enable();
}

} // namespace kctx::sim
