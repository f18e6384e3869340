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
    std::function<void()> handler;
    call_path path;
    unsigned cpu;
    bool threadable; ///< PREEMPT_RT would have made it a thread
    std::uint64_t id;
};

/// What softirqs of PREEMPT_RT run in.
enum class softirq_thread : unsigned char {
    ksoftirqd,
    timers, ///< ktimersoftd of the patches up to 4.19, ktimers since 6.13
};

struct softirq_action {
    std::function<void()> action;
    call_path path;
    softirq_thread thread;
};

struct processor {
    unsigned id;
    task_struct *idle;
    task_struct *current = idle;
    std::deque<task_struct *> queue{}; ///< who waits for it, the next one first
    std::deque<interrupt> interrupts{};
    std::deque<softirq_action> softirqs{};
    task_struct *softirqd[2]{};        ///< the threads of PREEMPT_RT
    const char *interrupted = nullptr; ///< the function that the hard irq came in
    spinlock_t softirq_lock{}; ///< softirq_ctrl.lock: local_bh_disable() of PREEMPT_RT since 5.15
    page_tables tables{};      ///< of the process that ran last: threads of the kernel borrow them
    bool irqs_off = false;
    bool need_resched = false;
    bool lets_others_run = false;       ///< and goes on then, be it the idle task in an interrupt
    const unsigned *spins_on = nullptr; ///< the word of a lock, for these bits to go:
    unsigned spins_for = 0;

    processor(unsigned id_, task_struct &idle_) : id(id_), idle(&idle_) {}

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
    void dequeue(task_struct &task)
    {
        task.queued = false;
        std::erase(queue, &task);
    }
};

} // namespace kctx::sim
