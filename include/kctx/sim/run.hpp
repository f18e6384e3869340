// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a program does to a machine: makes tasks and interrupts, and has it run.
#pragma once

#include <kctx/sim/fault.hpp>
#include <kctx/sim/irq_lines.hpp>

namespace kctx::sim {

machine::machine(machine_config c)
    : config((c.check(), std::move(c))), units(config), log(config), now_(config.boot_ns)
{
    for (unsigned id = 0; id < config.cpus; ++id) {
        // Until 3.3 every idle task has the same name; alone it keeps it.
        const bool numbered = config.cpus > 1 && config.since(3, 3);
        task_options idle{.comm = numbered ? text("swapper/%u", id) : "swapper", .cpu = id};
        cpus_.emplace_back(id, make_task(std::move(idle), [this] { idle_loop(); }));
        cpus_.back().idle->preempt_count = units.preempt;
    }
}

machine::~machine()
{
    if (here_ == this)
        here_ = nullptr;
}

void machine::add_part(std::size_t number, void *part, void (*destroy)(void *))
{
    while (parts_.size() <= number)
        parts_.emplace_back(nullptr, destroy);
    parts_[number] = {part, destroy};
}

task_struct &machine::make_task(task_options options, std::function<void()> body)
{
    if (options.comm.size() > 15) // TASK_COMM_LEN, with its end
        options.comm.resize(15);
    if (options.stack_top == 0) { // tasks' stacks of 16 KiB, one below the other
        const std::uint64_t base =
            config.arch == kernel::arch::arm64 || config.arch == kernel::arch::x86
                ? 0xffff800012000000
                : 0xdf000000;
        options.stack_top = base - 0x4000 * tasks_.size();
    }
    tasks_.push_back(std::make_unique<task_struct>(std::move(options), std::move(body), stack_bytes,
                                                   &machine::task_entry));
    tasks_.back()->number = static_cast<unsigned>(tasks_.size());
    return *tasks_.back();
}

void machine::give_pid(std::string comm, int pid) { pids_.insert_or_assign(std::move(comm), pid); }

void machine::load_module(const std::string &name)
{
    modules_ = " " + name + modules_;
    if (const auto flags = name.find('('); flags != name.npos)
        for (const char flag : name.substr(flags))
            if (flag != '(' && flag != ')' && flag != '+' && flag != '-')
                add_taint(flag);
}
void machine::unloaded_module(std::string name) { last_unloaded_ = std::move(name); }

task_struct &machine::spawn(task_options options, std::function<void()> body)
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

task_struct &machine::kthread(task_options options, std::function<void()> body)
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

std::uint64_t machine::irq_at(std::uint64_t ns, std::function<void()> handler, call_path path,
                              unsigned cpu, bool threadable)
{
    if (cpu >= cpus_.size())
        throw std::invalid_argument("kctx::sim::machine::irq_at: there is no CPU " +
                                    std::to_string(cpu));
    events_.emplace(std::max(ns, now_),
                    interrupt{std::move(handler), std::move(path), cpu, threadable, ++last_event_});
    return last_event_;
}

bool machine::cancel(std::uint64_t id)
{
    std::size_t gone = std::erase_if(events_, [id](const auto &e) { return e.second.id == id; });
    for (processor &c : cpus_)
        gone += std::erase_if(c.interrupts, [id](const interrupt &i) { return i.id == id; });
    return gone != 0;
}

void machine::line_at(std::uint64_t ns, unsigned line, call_path path, unsigned cpu)
{
    // Whether its handlers may be threads is known when it comes.
    irq_at(
        ns,
        [this, line] {
            irq_lines &lines = part<irq_lines>();
            current().hardirq_threadable = lines.threadable(line);
            lines.handle(line);
        },
        std::move(path), cpu);
}

void machine::set_line(unsigned line, bool asserted, call_path path, unsigned cpu)
{
    if (cpu >= cpus_.size())
        throw std::invalid_argument("kctx::sim::machine::set_line: there is no CPU " +
                                    std::to_string(cpu));
    part<irq_lines>().set_level(line, asserted, cpu, std::move(path));
}

void machine::make_due()
{
    const auto first = events_.begin();
    cpus_[first->second.cpu].interrupts.push_back(std::move(first->second));
    events_.erase(first);
}

/// The CPU to go on with, in turn.
processor *machine::next_cpu()
{
    const std::size_t from = cpu_ ? cpu_->id + 1 : 0;
    for (std::size_t i = 0; i < cpus_.size(); ++i) {
        processor &c = cpus_[(from + i) % cpus_.size()];
        if (c.can_run())
            return &c;
    }
    return nullptr;
}

void machine::let_other_cpus_run()
{
    processor &me = *cpu_;
    me.lets_others_run = true;
    current().fiber.switch_to(main_);
    me.lets_others_run = false;
    interrupt_point();
}

bool machine::other_cpu_can_run() const
{
    return std::ranges::any_of(cpus_,
                               [this](const processor &c) { return &c != cpu_ && c.can_run(); });
}

bool machine::any_task(const std::function<bool(const task_struct &)> &test) const
{
    return std::ranges::any_of(tasks_, [&](const auto &t) { return test(*t); });
}

void machine::leave()
{
    for (;;)
        current().fiber.switch_to(main_);
}

void machine::reap()
{
    if (task_struct *gone = std::exchange(ended_, nullptr))
        gone->fiber.drop_stack();
}

outcome machine::run()
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
    if (std::ranges::any_of(cpus_, [](const processor &c) { return c.spins_on; }) ||
        part<irq_lines>().storms())
        return outcome::locked_up;
    return std::ranges::all_of(
               tasks_, [](const auto &t) { return t->exited || t->is.serves || t->is.pid == 0; })
               ? outcome::idle
               : outcome::hung;
}

} // namespace kctx::sim
