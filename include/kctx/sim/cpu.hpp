// SPDX-License-Identifier: BSL-1.0
/// @file
/// A CPU: what runs, what waits for it, and what has come for it.
#pragma once

#include <algorithm>
#include <deque>

#include <kctx/lock/spinlock.hpp>
#include <kctx/sim/task.hpp>

namespace kctx::sim {

/// The functions of the kernel between what runs and a handler, outermost first.
using call_path = std::vector<const char *>;

/// An interrupt that is due, or will be.
struct interrupt {
    std::function<void()> handler; ///< what it does
    call_path path;                ///< its way to the handler, outermost first, for traces
    unsigned cpu;                  ///< which CPU it comes to
    bool threadable;               ///< PREEMPT_RT would have made it a thread
    std::uint64_t id;              ///< to cancel it by
};

/// What softirqs of PREEMPT_RT run in.
enum class softirq_thread : unsigned char {
    ksoftirqd,
    timers, ///< ktimersoftd of the patches up to 4.19, ktimers since 6.13
};

/// A softirq that is due.
struct softirq_action {
    std::function<void()> action; ///< what it does
    call_path path;               ///< its way to the action, outermost first, for traces
    softirq_thread thread;        ///< which thread serves it on PREEMPT_RT
};

/// A CPU, with the tasks and interrupts that wait for it.
struct processor {
    unsigned id;                           ///< from 0 on
    task_struct *idle;                     ///< its idle task
    task_struct *current = idle;           ///< the task that runs
    std::deque<task_struct *> queue{};     ///< who waits for it, the next one first
    std::deque<interrupt> interrupts{};    ///< those that came while interrupts were off
    std::deque<softirq_action> softirqs{}; ///< raised, not yet served
    task_struct *softirqd[2]{};            ///< the threads of PREEMPT_RT
    const char *interrupted = nullptr;     ///< the function that the hard irq came in
    spinlock_t softirq_lock{}; ///< softirq_ctrl.lock: local_bh_disable() of PREEMPT_RT since 5.15
    page_tables tables{};      ///< of the process that ran last: threads of the kernel borrow them
    bool irqs_off = false;     ///< whether interrupts are off
    bool need_resched = false; ///< whether the task that runs is to give way
    bool lets_others_run = false;       ///< and goes on then, be it the idle task in an interrupt
    const unsigned *spins_on = nullptr; ///< the word of a lock, for these bits to go:
    unsigned spins_for = 0;             ///< the bits of that word

    processor(unsigned id_, task_struct &idle_) : id(id_), idle(&idle_) {}

    /// Whether it has anything to do.
    bool can_run() const
    {
        if (spins_on)
            return (*spins_on & spins_for) == 0 || (!irqs_off && !interrupts.empty());
        return current != idle || lets_others_run || !queue.empty() || !interrupts.empty();
    }
    /// Behind those of the same priority.
    void enqueue(task_struct &task)
    {
        task.queued = true;
        const auto after = std::find_if(queue.begin(), queue.end(), [&](const task_struct *other) {
            return other->prio > task.prio;
        });
        queue.insert(after, &task);
    }
    /// Takes the task out of the queue.
    void dequeue(task_struct &task)
    {
        task.queued = false;
        std::erase(queue, &task);
    }
};

} // namespace kctx::sim
