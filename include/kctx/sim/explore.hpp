// SPDX-License-Identifier: BSL-1.0
/// @file
/// Every order of a small driver: at each of its calls an interrupt may come, another CPU may go
/// first, another task may take over. Each order is a run of a machine of its own, from the
/// beginning; which orders there are shows while they are run. Those with few such events come
/// first, so that the first failure is one of the shortest.
///
///     struct card { spinlock_t lock; ... };
///     auto found = sim::explore<card>(config, [](card &c, sim::scenario &s) {
///         s.task("open", [&] { open(c); });
///         s.interrupt(5, "card");            // requested by the driver, comes once
///     });
///     if (found.failed)
///         std::puts(found.failed->timeline.c_str());
///
/// An order is a list of numbers, what was chosen at each point, and can be run again (replay()).
#pragma once

#include <deque>
#include <memory>

#include <kctx/sim/heap.hpp>
#include <kctx/sim/irq_lines.hpp>
#include <kctx/sim/timeline.hpp>

namespace kctx::sim {

/// What was chosen at each point of a run: 0 is to go on.
using order = std::vector<unsigned>;

/// When an exploration ends before all orders were run.
struct exploration_limits {
    std::uint64_t runs = 100'000; ///< at most so many orders
    unsigned events = 4;          ///< at most so many choices that are not to go on
    unsigned points = 400;        ///< choices in the first so many calls of a run
    bool unmap_freed = false;     ///< memory that is freed is gone: see heap.hpp
};

/// What a run is made of; a model fills it in.
class scenario
{
public:
    machine &m; ///< the machine that the run is on

    /// A task of the driver's, on CPU @p cpu.
    void task(const char *name, std::function<void()> body, unsigned cpu = 0)
    {
        m.spawn({.comm = name, .pid = ++last_pid_, .cpu = cpu}, std::move(body));
    }
    /// Interrupt line @p line comes @p times, wherever it may; at last when everybody waits.
    void interrupt(unsigned line, const char *name, unsigned times = 1, unsigned cpu = 0)
    {
        lines_.push_back({line, name, times, cpu});
    }
    /// Holds after every run, or else it has failed; @p what says what is wrong then.
    void ends_with(const char *what, std::function<bool()> holds)
    {
        checks_.push_back({what, std::move(holds)});
    }

private:
    friend class explorer;
    struct source {
        unsigned line;
        const char *name;
        unsigned left;
        unsigned cpu;
    };
    struct check {
        const char *what;
        std::function<bool()> holds;
    };
    std::vector<source> lines_;
    std::vector<check> checks_;
    int last_pid_ = 100;

    explicit scenario(machine &on) : m(on) {}
};

/// An order in which something went wrong.
struct failing_order {
    order choices;        ///< which call was chosen, at each point where there was a choice
    std::string what;     ///< the first line that says what went wrong
    std::string timeline; ///< readable, a line for each call and event
    std::string svg;      ///< the same drawn
    std::string log;      ///< what the kernel printed
};
/// What an exploration found.
struct exploration {
    std::uint64_t runs = 0;              ///< orders run to their end
    std::uint64_t calls = 0;             ///< calls made in all of them
    bool complete = false;               ///< no order within the limits is left
    std::size_t most_waiting = 0;        ///< orders that were still to be run at once
    std::optional<failing_order> failed; ///< the first order in which something went wrong
};

/// Runs a model in every order of its calls that makes a difference.
class explorer
{
    machine_config config_;
    exploration_limits limits_;
    std::function<void(scenario &)> model_;

    /// A run as far as it is decided, and how often it departs from going on.
    struct prefix {
        order choices;
        unsigned events = 0;
    };
    struct run_record {
        order choices;              ///< all of them
        std::vector<unsigned> from; ///< how many there were to choose from
        timeline seen;
        std::string what; ///< went wrong, or ""
        std::string log;
        std::uint64_t calls = 0;
    };

public:
    explorer(machine_config config, exploration_limits limits,
             std::function<void(scenario &)> model)
        : config_(std::move(config)), limits_(limits), model_(std::move(model))
    {}

    /// Runs them, to the first that fails or to the limits.
    exploration explore()
    {
        exploration found;
        std::deque<prefix> waiting{{}};
        while (!waiting.empty()) {
            if (found.runs == limits_.runs)
                return found;
            const prefix next = std::move(waiting.front());
            waiting.pop_front();
            const run_record r = run(next.choices);
            ++found.runs;
            found.calls += r.calls;
            if (!r.what.empty()) {
                found.failed = describe(r);
                return found;
            }
            if (next.events == limits_.events)
                continue;
            for (std::size_t i = next.choices.size(); i < r.choices.size(); ++i) {
                for (unsigned other = 1; other < r.from[i]; ++other) {
                    prefix p{
                        {r.choices.begin(), r.choices.begin() + static_cast<std::ptrdiff_t>(i)},
                        next.events + 1};
                    p.choices.push_back(other);
                    waiting.push_back(std::move(p));
                }
            }
            found.most_waiting = std::max(found.most_waiting, waiting.size());
        }
        found.complete = true;
        return found;
    }
    /// Runs one order again.
    failing_order replay(const order &choices) { return describe(run(choices)); }

private:
    static failing_order describe(const run_record &r)
    {
        return {r.choices, r.what, r.seen.text(), r.seen.svg(), r.log};
    }

    run_record run(const order &decided)
    {
        run_record r;
        machine m(config_);
        m.part<heap>().unmap_freed = limits_.unmap_freed;
        scenario s(m);
        m.log.set_sink([&](std::string_view line) {
            if (r.what.empty() && is_complaint(line))
                r.what = line;
            if (is_complaint(line))
                r.seen.report(m.cpu_number(), line);
        });
        const auto choose = [&](unsigned from) {
            const std::size_t at = r.choices.size();
            const unsigned choice = at < decided.size() ? std::min(decided[at], from - 1) : 0;
            r.choices.push_back(choice);
            r.from.push_back(from);
            return choice;
        };
        m.on_call = [&](const char *function) {
            ++r.calls;
            r.seen.call(m.cpu_number(), who(m), function);
            if (r.calls > limits_.points)
                return;
            decide(m, s, r.seen, choose);
        };
        model_(s);
        outcome end = m.run();
        // An interrupt that has not come anywhere comes when everybody waits.
        for (scenario::source &line : s.lines_) {
            for (; line.left != 0 && r.what.empty() && end != outcome::panicked &&
                   m.part<irq_lines>().has_action(line.line);
                 --line.left) {
                r.seen.event(line.cpu, text("interrupt %u (%s)", line.line, line.name));
                m.line_at(m.now(), line.line, {}, line.cpu);
                end = m.run();
            }
        }
        m.on_call = nullptr;
        if (r.what.empty() && end == outcome::hung)
            r.what = "a task waits for ever";
        if (r.what.empty() && end == outcome::locked_up)
            r.what = "a CPU spins for ever";
        if (r.what.empty() && end == outcome::panicked)
            r.what = "the machine panicked";
        for (const scenario::check &c : s.checks_) {
            if (r.what.empty() && !c.holds())
                r.what = c.what;
        }
        if (!r.what.empty())
            r.seen.end(r.what);
        r.log = m.log.dmesg();
        return r;
    }

    /// What may happen before a call: an interrupt for each line that may still come, unless
    /// interrupts are off (then it comes where they are turned on, which is another point); that
    /// another CPU goes first; that another task takes this CPU.
    template <class Choose>
    static void decide(machine &m, scenario &s, timeline &seen, Choose choose)
    {
        std::vector<scenario::source *> may_come;
        auto &lines = m.part<irq_lines>();
        for (scenario::source &line : s.lines_) {
            if (line.left != 0 && line.cpu == m.cpu_number() && !m.irqs_disabled() &&
                lines.has_action(line.line))
                may_come.push_back(&line);
        }
        const bool other_cpu = m.other_cpu_can_run();
        const bool other_task = m.may_be_preempted();
        const auto lines_count = static_cast<unsigned>(may_come.size());
        const unsigned from = 1 + lines_count + (other_cpu ? 1 : 0) + (other_task ? 1 : 0);
        if (from == 1)
            return;
        const unsigned choice = choose(from);
        if (choice == 0)
            return;
        if (choice <= lines_count) {
            scenario::source &line = *may_come[choice - 1];
            --line.left;
            seen.event(m.cpu_number(), text("interrupt %u (%s)", line.line, line.name));
            m.hardirq([&] { lines.handle(line.line); }, {}, lines.threadable(line.line));
        } else if (choice == lines_count + 1 && other_cpu) {
            seen.event(m.cpu_number(), "the other CPU goes first");
            m.let_other_cpus_run();
        } else {
            seen.event(m.cpu_number(), "another task takes over");
            m.set_need_resched();
            m.reschedule_if_needed();
        }
    }
    static std::string who(machine &m)
    {
        const task_struct &me = m.current();
        if (m.in_hardirq())
            return "interrupt";
        if (m.in_serving_softirq())
            return "softirq";
        return me.is.comm;
    }
    static bool is_complaint(std::string_view line)
    {
        for (const char *begin :
             {"BUG:", "WARNING:", "[ BUG:", "kernel BUG", "Unable to handle", "DEBUG_LOCKS_WARN_ON",
              "Internal error", "Kernel panic", "INFO: task"}) {
            if (line.starts_with(begin))
                return true;
        }
        return false;
    }
};

/// Runs @p model in every order until one fails. A fresh @p Driver is made for each.
template <class Driver, class Model>
exploration explore(const machine_config &config, Model model,
                    const exploration_limits &limits = {})
{
    // It outlives the machine, whose tasks may still stand in its functions.
    auto driver = std::make_shared<std::unique_ptr<Driver>>();
    return explorer(config, limits,
                    [driver, model](scenario &s) {
                        *driver = std::make_unique<Driver>();
                        model(**driver, s);
                    })
        .explore();
}
/// Runs one order of it again.
template <class Driver, class Model>
failing_order replay(const machine_config &config, Model model, const order &choices,
                     const exploration_limits &limits = {})
{
    auto driver = std::make_shared<std::unique_ptr<Driver>>();
    return explorer(config, limits,
                    [driver, model](scenario &s) {
                        *driver = std::make_unique<Driver>();
                        model(**driver, s);
                    })
        .replay(choices);
}

} // namespace kctx::sim
