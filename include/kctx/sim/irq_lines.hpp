// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupt lines: who has requested them, and what an interrupt does to them.
/// @par Kernel source
/// kernel/irq/manage.c, chip.c, handle.c, spurious.c (6.12).
#pragma once

#include <list>
#include <memory>

#include <kctx/api/interrupt.hpp>
#include <kctx/sim/core.hpp>

namespace kctx::sim {

/// The interrupt lines of a machine: who has requested them, and what comes of an interrupt.
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
        bool forced = false; ///< the handler has been made the thread's (IRQTF_FORCED_THREAD)
        task_struct *task = nullptr;
        /// The thread function of a handler that is forced into a thread: a thread of its own.
        std::unique_ptr<action> secondary{};
        bool wanted = false; ///< the thread is to run
        bool runs = false;
        bool gone = false;
        bool thread_gone = false;
    };
    struct line {
        std::list<action> actions{};
        unsigned disabled = 0;      ///< disable_irq()
        unsigned oneshot_waits = 0; ///< threads that keep it masked
        bool in_progress = false;   ///< its handlers run, on whichever CPU
        bool pending = false;       ///< it came while it was masked, or its handlers ran
        bool asserted = false;      ///< a device holds it at its level
        unsigned cpu = 0;           ///< that it comes to
        call_path path{};
        unsigned long came = 0, unhandled = 0; ///< as note_interrupt() counts
        unsigned long last_unhandled = 0;      ///< the jiffy
        unsigned long in_a_row = 0;            ///< since the device holds it
    };
    std::map<unsigned, line> lines_;
    std::list<action> gone_; ///< free_irq() has returned their names
    unsigned last_action_ = 0;

public:
    static constexpr unsigned long shared = 0x80;       ///< IRQF_SHARED
    static constexpr unsigned long percpu = 0x400;      ///< IRQF_PERCPU
    static constexpr unsigned long oneshot = 0x2000;    ///< IRQF_ONESHOT
    static constexpr unsigned long no_thread = 0x10000; ///< IRQF_NO_THREAD
    static constexpr unsigned long no_autoen = 0x80000; ///< IRQF_NO_AUTOEN
    /// What a device's level takes from its interrupt's end to the next one, in ns.
    static constexpr std::uint64_t again_ns = 1000;
    /// So often a level comes back to a handler that says that it was its device's and does not
    /// quiet it. A kernel does nothing else from then on; here the line is left alone.
    static constexpr unsigned long storm = 200'000;

    explicit irq_lines(machine &m) : m_(m) {}

    /// request_threaded_irq(): 0 or -errno.
    int request(unsigned number, irq_handler_t handler, irq_handler_t thread, unsigned long flags,
                const char *name, void *dev)
    {
        line &l = lines_[number];
        if (!handler && (flags & oneshot) == 0 && m_.config.since(3, 5)) { // __setup_irq()
            m_.printk(level::err, text("Threaded irq requested with handler=NULL and !ONESHOT for "
                                       "%s (irq %u)",
                                       name, number));
            return -22; // EINVAL
        }
        if (!l.actions.empty() && (flags & l.actions.front().flags & shared) == 0)
            return -16; // EBUSY
        action &a = l.actions.emplace_back(
            action{++last_action_, handler, thread, flags, name ? name : "", dev});
        force_thread(a);
        if (a.thread)
            make_thread(number, a, false);
        if (a.secondary)
            make_thread(number, *a.secondary, true);
        if ((flags & no_autoen) != 0)
            ++l.disabled;
        else
            come_if_asserted(number, l, 0);
        return 0;
    }
    /// free_irq(): waits until nobody runs the handler, and for the end of its threads; the name
    /// that it was requested with.
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
        action &a = *found;
        a.gone = true;
        synchronize(number);
        stop_thread(a);
        if (a.secondary)
            stop_thread(*a.secondary);
        gone_.splice(gone_.end(), l.actions, found);
        return a.name.c_str();
    }
    void disable(unsigned number) { ++lines_[number].disabled; } ///< one level of disable_irq()
    /// enable_irq(): a level less, at 0 what was held back comes.
    void enable(unsigned number)
    {
        line &l = lines_[number];
        if (l.disabled == 0) {
            m_.warn({"kernel/irq/manage.c", 0}, "__enable_irq",
                    text("Unbalanced enable for IRQ %u", number));
            return;
        }
        --l.disabled;
        unmask(number, l);
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
        const auto busy = [](const action &a) { return a.runs || a.wanted; };
        return std::ranges::none_of(lines_[number].actions, [&](const action &a) {
            return busy(a) || (a.secondary && busy(*a.secondary));
        });
    }
    /// irq_wake_thread()
    void wake_thread(unsigned number, const void *dev)
    {
        for (action &a : lines_[number].actions)
            if (a.dev == dev && a.task)
                wake(a);
    }
    /// Whether a level comes back for ever.
    bool storms() const
    {
        return std::ranges::any_of(lines_, [](const auto &l) {
            return l.second.asserted && l.second.in_a_row == storm && l.second.disabled == 0;
        });
    }
    /// Whether anybody has requested it.
    bool has_action(unsigned number) { return !lines_[number].actions.empty(); }
    /// Whether PREEMPT_RT would serve the line in a thread: lockdep's hardirq_threaded.
    bool threadable(unsigned number)
    {
        const line &l = lines_[number];
        return std::ranges::all_of(l.actions, [](const action &a) {
            return (a.flags & (no_thread | percpu | oneshot)) == 0;
        });
    }

    /// A device holds the line at its level, or does not any more. While it does the interrupt
    /// comes again whenever it has ended: handle_level_irq() unmasks the line.
    void set_level(unsigned number, bool asserted, unsigned cpu, call_path path)
    {
        line &l = lines_[number];
        l.cpu = cpu;
        l.path = std::move(path);
        l.in_a_row = 0;
        if (!std::exchange(l.asserted, asserted) && asserted)
            come_if_asserted(number, l, 0);
    }

    /// The interrupt has come, in hard irq context.
    void handle(unsigned number)
    {
        line &l = lines_[number];
        if (l.disabled != 0 || l.oneshot_waits != 0 || l.in_progress) {
            l.pending = true;
            return;
        }
        do { // handle_edge_irq() goes on where it came again meanwhile
            l.pending = false;
            l.in_progress = true;
            const bool handled = handle_event(number, l);
            l.in_progress = false;
            note(number, l, handled);
        } while (l.pending && !l.asserted && l.disabled == 0 && l.oneshot_waits == 0);
        come_if_asserted(number, l, again_ns);
    }

private:
    /// irq_setup_forced_threading(). The thread function gets an action of its own since 4.4;
    /// before, such a handler stayed what it was.
    void force_thread(action &a)
    {
        if (!m_.config.rt() || (a.flags & (no_thread | percpu | oneshot)) != 0 || !a.handler)
            return;
        if (a.thread) {
            a.secondary = std::make_unique<action>(
                action{a.number, nullptr, a.thread, a.flags, a.name, a.dev});
        }
        a.thread = std::exchange(a.handler, nullptr);
        a.forced = true;
    }
    /// setup_irq_thread()
    void make_thread(unsigned number, action &a, bool secondary)
    {
        // SCHED_FIFO 50; the second one was below it, and is again.
        const bool below = secondary && (!m_.config.since(5, 9) || m_.config.since(6, 15));
        a.task = &m_.kthread(
            {.comm = text(secondary ? "irq/%u-s-%s" : "irq/%u-%s", number, a.name.c_str()),
             .entry = {"irq_thread"},
             .cpu = m_.cpu_number(),
             .prio = below ? 50 : 49,
             .serves = true},
            [this, number, &a] { serve(number, a); });
    }
    /// kthread_stop()
    void stop_thread(action &a)
    {
        a.gone = true;
        if (!a.task)
            return;
        m_.wake_up(*a.task, TASK_NORMAL);
        while (!a.thread_gone)
            m_.sleep_on(&a, TASK_UNINTERRUPTIBLE);
    }
    /// __irq_wake_thread()
    void wake(action &a)
    {
        if (!std::exchange(a.wanted, true))
            m_.wake_up(*a.task, TASK_NORMAL);
    }

    /// handle_irq_event(): whether one of the handlers says that it was its device.
    bool handle_event(unsigned number, line &l)
    {
        bool handled = false;
        for (action &a : l.actions) {
            if (a.gone)
                continue;
            a.runs = true;
            const irqreturn_t done =
                a.handler ? a.handler(static_cast<int>(number), a.dev) : IRQ_WAKE_THREAD;
            a.runs = false;
            handled = handled || done != IRQ_NONE;
            if (done == IRQ_WAKE_THREAD && a.task) {
                if (!a.wanted && masks(a)) // IRQTF_RUNTHREAD is not set yet
                    ++l.oneshot_waits;
                wake(a);
            }
        }
        return handled;
    }
    /// Whether the line stays masked until the thread of @p a is done.
    static bool masks(const action &a) { return a.forced || (a.flags & oneshot) != 0; }

    /// note_interrupt() of kernel/irq/spurious.c: 100000 interrupts that nearly nobody wanted.
    void note(unsigned number, line &l, bool handled)
    {
        if (!handled) {
            const unsigned long now = m_.jiffies();
            l.unhandled = now > l.last_unhandled + m_.config.hz / 10 ? 1 : l.unhandled + 1;
            l.last_unhandled = now;
        }
        if (++l.came < 100'000)
            return;
        l.came = 0;
        if (std::exchange(l.unhandled, 0) <= 99'900)
            return;
        m_.printk(level::err,
                  text("irq %u: nobody cared (try booting with the \"irqpoll\" option)", number));
        {
            const frame in("note_interrupt");
            const frame inner("__report_bad_irq");
            m_.dump_stack();
        }
        m_.printk(level::err, "handlers:");
        m_.printk(level::emerg, text("Disabling IRQ #%u", number));
        ++l.disabled;
    }

    /// The line is open again: what came meanwhile comes now, and so does a level.
    void unmask(unsigned number, line &l)
    {
        if (l.disabled != 0 || l.oneshot_waits != 0)
            return;
        if (l.asserted)
            come_if_asserted(number, l, 0);
        else if (std::exchange(l.pending, false))
            m_.interrupt_now([this, number] { handle(number); });
    }
    void come_if_asserted(unsigned number, line &l, std::uint64_t after_ns)
    {
        if (!l.asserted || l.disabled != 0 || l.oneshot_waits != 0 || l.in_progress ||
            l.actions.empty() || l.in_a_row == storm)
            return;
        ++l.in_a_row;
        m_.irq_at(
            m_.now() + after_ns,
            [this, number] {
                m_.current().hardirq_threadable = threadable(number);
                if (lines_[number].asserted) // it may have been quieted since
                    handle(number);
            },
            l.path, l.cpu);
    }

    /// irq_thread(), until free_irq() ends it.
    void serve(unsigned number, action &a)
    {
        line &l = lines_[number];
        for (;;) { // irq_wait_for_interrupt()
            m_.current().state = TASK_INTERRUPTIBLE;
            if (!a.wanted && a.gone) {
                m_.current().state = TASK_RUNNING;
                break;
            }
            if (!a.wanted) {
                m_.schedule();
                continue;
            }
            m_.current().state = TASK_RUNNING;
            a.wanted = false;
            a.runs = true;
            irqreturn_t done = IRQ_NONE;
            if (a.forced) {
                const frame in("irq_forced_thread_fn");
                m_.local_bh_disable();
                done = a.thread(static_cast<int>(number), a.dev);
                finish(number, l, a);
                m_.local_bh_enable();
            } else {
                const frame in("irq_thread_fn");
                done = a.thread(static_cast<int>(number), a.dev);
                finish(number, l, a);
            }
            if (done == IRQ_WAKE_THREAD && a.secondary) // irq_wake_secondary()
                wake(*a.secondary);
            a.runs = false;
            m_.wake_all(&l);
        }
        a.thread_gone = true;
        m_.wake_all(&a);
    }
    /// irq_finalize_oneshot()
    void finish(unsigned number, line &l, const action &a)
    {
        if (masks(a) && l.oneshot_waits != 0)
            --l.oneshot_waits;
        unmask(number, l);
    }
};

} // namespace kctx::sim
