// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a program does to a machine: makes tasks and interrupts, and has it run.
#pragma once

#include <kctx/sim/core.hpp>

namespace kctx::sim {

inline task_struct &machine::spawn(task_options options, std::function<void()> body)
{
    if (options.cpu >= cpus_.size())
        throw std::invalid_argument("kctx::sim::machine::spawn: there is no CPU " +
                                    std::to_string(options.cpu));
    if (options.pid <= 0)
        throw std::invalid_argument("kctx::sim::machine::spawn: pid " +
                                    std::to_string(options.pid) + " of " + options.comm +
                                    ", and tasks have pids from 1 on");
    last_pid_ = std::max(last_pid_, options.pid);
    task_struct &task = make_task(std::move(options), std::move(body));
    enqueue(task);
    return task;
}

inline task_struct &machine::kthread(task_options options, std::function<void()> body)
{
    // What makes a thread of the kernel stands below its function.
    call_path entry;
    if (config.arch == kernel::arch::arm && !config.since(3, 7))
        entry = {"do_exit", "kthread"};
    else if (config.arch == kernel::arch::x86 && !config.since(3, 6))
        entry = {"kernel_thread_helper", "kthread"};
    else if (config.arch == kernel::arch::powerpc)
        entry = {config.since(3, 7) ? "ret_from_kernel_thread" : "kernel_thread", "kthread"};
    else if (config.arch == kernel::arch::x86 && config.since(6, 6))
        entry = {"ret_from_fork_asm", "ret_from_fork", "kthread"};
    else
        entry = {"ret_from_fork", "kthread"};
    options.entry.insert(options.entry.begin(), entry.begin(), entry.end());
    if (const auto told = pids_.find(options.comm); told != pids_.end())
        options.pid = told->second;
    else if (options.pid == 0)
        options.pid = last_pid_ + 1;
    return spawn(std::move(options), std::move(body));
}

inline std::uint64_t machine::irq_at(std::uint64_t ns, std::function<void()> handler,
                                     call_path path, unsigned cpu, bool threadable)
{
    if (cpu >= cpus_.size())
        throw std::invalid_argument("kctx::sim::machine::irq_at: there is no CPU " +
                                    std::to_string(cpu));
    events_.emplace(std::max(ns, now_),
                    interrupt{std::move(handler), std::move(path), cpu, threadable, ++last_event_});
    return last_event_;
}

inline bool machine::cancel(std::uint64_t id)
{
    std::size_t gone = std::erase_if(events_, [id](const auto &e) { return e.second.id == id; });
    for (processor &c : cpus_)
        gone += std::erase_if(c.interrupts, [id](const interrupt &i) { return i.id == id; });
    return gone != 0;
}

inline outcome machine::run()
{
    if (here_ == this)
        throw std::logic_error("kctx::sim::machine::run: a task of the machine calls it");
    const fault_catcher catching(&machine::on_signal);
    machine *const outer = std::exchange(here_, this);
    while (!panicked_ && !failed_) {
        if (processor *next = next_cpu()) {
            cpu_ = next;
            main_.switch_to(cpu_->current->fiber);
            continue;
        }
        if (events_.empty()) {
            if (report_hung_tasks())
                continue;
            break;
        }
        now_ = std::max(now_, events_.begin()->first);
        make_due();
    }
    here_ = outer;
    if (failed_)
        std::rethrow_exception(failed_);
    if (panicked_)
        return outcome::panicked;
    if (std::ranges::any_of(cpus_, [](const processor &c) { return c.spins_on; }))
        return outcome::locked_up;
    return std::ranges::all_of(
               tasks_, [](const auto &t) { return t->exited || t->is.serves || t->is.pid == 0; })
               ? outcome::idle
               : outcome::hung;
}

} // namespace kctx::sim
