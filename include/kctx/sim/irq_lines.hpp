// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupt lines: who has requested them, and what an interrupt does to them.
/// @par Kernel source
/// kernel/irq/manage.c, chip.c, handle.c (6.12).
#pragma once

#include <list>

#include <kctx/api/interrupt.hpp>
#include <kctx/sim/core.hpp>

namespace kctx::sim {

class irq_lines
{
    machine &m_;

    /// A driver's handler, and the task of its thread function if it has one (struct irqaction).
    struct action {
        unsigned number;
        irq_handler_t handler; ///< nullptr: irq_default_primary_handler()
        irq_handler_t thread;
        unsigned long flags;
        std::string name;
        void *dev;
        bool forced = false; ///< the handler has been made the thread's (PREEMPT_RT)
        task_struct *task = nullptr;
        bool wanted = false; ///< the thread is to run
        bool runs = false;
        bool gone = false;
    };
    struct line {
        std::list<action> actions{};
        unsigned disabled = 0;      ///< disable_irq()
        unsigned oneshot_waits = 0; ///< threads that keep it masked
        bool pending = false;       ///< it came while it was masked
        bool runs = false;
    };
    std::map<unsigned, line> lines_;
    unsigned last_action_ = 0;

public:
    static constexpr unsigned long shared = 0x80, percpu = 0x400, oneshot = 0x2000,
                                   no_thread = 0x10000, no_autoen = 0x80000;

    explicit irq_lines(machine &m) : m_(m) {}

    /// request_threaded_irq(): 0 or -EBUSY.
    int request(unsigned number, irq_handler_t handler, irq_handler_t thread, unsigned long flags,
                const char *name, void *dev)
    {
        line &l = lines_[number];
        if (!l.actions.empty() && (flags & l.actions.front().flags & shared) == 0)
            return -16; // EBUSY
        action &a =
            l.actions.emplace_back(action{++last_action_, handler, thread, flags, name, dev});
        // irq_setup_forced_threading()
        if (m_.config.rt() && (flags & (no_thread | percpu | oneshot)) == 0 && handler && !thread) {
            a.thread = handler;
            a.handler = nullptr;
            a.forced = true;
        }
        if (a.thread)
            a.task = &m_.kthread({.comm = text("irq/%u-%s", number, name),
                                  .entry = {"irq_thread"},
                                  .cpu = m_.cpu_number(),
                                  .prio = 49, // SCHED_FIFO 50
                                  .serves = true},
                                 [this, number, &a] { serve(number, a); });
        if ((flags & no_autoen) != 0)
            ++l.disabled;
        return 0;
    }
    /// free_irq(): waits until nobody runs the handler; the name that it was requested with.
    const void *free(unsigned number, const void *dev)
    {
        line &l = lines_[number];
        const auto found = std::ranges::find_if(
            l.actions, [dev](const action &a) { return a.dev == dev && !a.gone; });
        if (found == l.actions.end()) {
            m_.warn({"kernel/irq/manage.c", 0}, "__free_irq",
                    text("Trying to free already-free IRQ %u", number));
            return nullptr;
        }
        found->gone = true;
        synchronize(number);
        return found->name.c_str();
    }
    void disable(unsigned number) { ++lines_[number].disabled; }
    void enable(unsigned number)
    {
        line &l = lines_[number];
        if (l.disabled == 0) {
            m_.warn({"kernel/irq/manage.c", 0}, "__enable_irq",
                    text("Unbalanced enable for IRQ %u", number));
            return;
        }
        --l.disabled;
        resend(number, l);
    }
    /// synchronize_irq(): waits for the handlers and threads that run.
    void synchronize(unsigned number)
    {
        line &l = lines_[number];
        while (!is_idle(number))
            m_.sleep_on(&l, TASK_UNINTERRUPTIBLE);
    }
    /// Whether no thread of the line runs, or is to.
    bool is_idle(unsigned number)
    {
        return std::ranges::none_of(lines_[number].actions,
                                    [](const action &a) { return a.runs || a.wanted; });
    }
    /// irq_wake_thread()
    void wake_thread(unsigned number, const void *dev)
    {
        for (action &a : lines_[number].actions) {
            if (a.dev == dev && a.task) {
                a.wanted = true;
                m_.wake_up(*a.task, TASK_NORMAL);
            }
        }
    }
    bool has_action(unsigned number) { return !lines_[number].actions.empty(); }
    /// Whether PREEMPT_RT would serve the line in a thread: lockdep's hardirq_threaded.
    bool threadable(unsigned number)
    {
        const line &l = lines_[number];
        return std::ranges::all_of(l.actions, [](const action &a) {
            return (a.flags & (no_thread | percpu | oneshot)) == 0;
        });
    }

    /// The interrupt has come, in hard irq context.
    void handle(unsigned number)
    {
        line &l = lines_[number];
        if (l.disabled != 0 || l.oneshot_waits != 0) {
            l.pending = true;
            return;
        }
        for (action &a : l.actions) {
            if (a.gone)
                continue;
            a.runs = true;
            const irqreturn_t done =
                a.handler ? a.handler(static_cast<int>(number), a.dev) : IRQ_WAKE_THREAD;
            a.runs = false;
            if (done == IRQ_WAKE_THREAD && a.task) {
                if (!a.wanted && (a.forced || (a.flags & oneshot) != 0))
                    ++l.oneshot_waits;
                a.wanted = true;
                m_.wake_up(*a.task, TASK_NORMAL);
            }
        }
    }

private:
    void resend(unsigned number, line &l)
    {
        if (l.disabled == 0 && l.oneshot_waits == 0 && std::exchange(l.pending, false))
            m_.interrupt_now([this, number] { handle(number); });
    }
    void serve(unsigned number, action &a)
    {
        line &l = lines_[number];
        for (;;) { // irq_wait_for_interrupt()
            m_.current().state = TASK_INTERRUPTIBLE;
            if (!a.wanted) {
                m_.schedule();
                continue;
            }
            m_.current().state = TASK_RUNNING;
            a.wanted = false;
            a.runs = true;
            if (a.forced) { // irq_forced_thread_fn()
                const frame in("irq_forced_thread_fn");
                m_.local_bh_disable();
                a.thread(static_cast<int>(number), a.dev);
                finish(number, l, a);
                m_.local_bh_enable();
            } else {
                const frame in("irq_thread_fn");
                a.thread(static_cast<int>(number), a.dev);
                finish(number, l, a);
            }
            a.runs = false;
            m_.wake_all(&l);
        }
    }
    void finish(unsigned number, line &l, const action &a)
    {
        if ((a.forced || (a.flags & oneshot) != 0) && l.oneshot_waits != 0)
            --l.oneshot_waits;
        resend(number, l);
    }
};

} // namespace kctx::sim
