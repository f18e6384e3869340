// SPDX-License-Identifier: BSL-1.0
/// @file
/// The machine: its CPUs, its scheduler, and what the scheduler checks.
/// @par Kernel source
/// kernel/sched.c (2.6.32, 2.6.33), kernel/sched/core.c (3.10 and later): schedule(),
/// __schedule_bug(), __might_sleep(), __cond_resched(); kernel/softirq.c; kernel/panic.c.
#pragma once

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <optional>

#include <kctx/api/interrupt.hpp>
#include <kctx/sim/preempt_count.hpp>
#include <kctx/sim/printk.hpp>
#include <kctx/sim/trace.hpp>

namespace kctx::sim {

/// Why run() has come back.
enum class outcome : unsigned char {
    idle,      ///< every task has exited
    hung,      ///< nothing will happen any more, and some task has not exited
    locked_up, ///< and some CPU spins on a lock that nobody will give back
    panicked,
};

class machine
{
public:
    const machine_config config;
    const count_units units;
    symbol_table symbols;
    log_ring log;

    explicit machine(machine_config c)
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
    ~machine()
    {
        if (here_ == this)
            here_ = nullptr;
    }
    machine(const machine &) = delete;
    machine &operator=(const machine &) = delete;

    /// The machine whose task runs now, or nullptr.
    static machine *here() { return here_; }

    // What the program does to the machine.

    /// A task that calls @p body when run() comes to it. Throws std::invalid_argument for a CPU
    /// that is not there, and for pid 0, which is the idle task's.
    task_struct &spawn(task_options options, std::function<void()> body)
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

    /// A hard irq calls @p handler on CPU @p cpu at @p ns of virtual time. @p path: the functions
    /// of the kernel between the interrupted code and the handler, outermost first.
    void irq_at(std::uint64_t ns, std::function<void()> handler,
                std::vector<const char *> path = {}, unsigned cpu = 0)
    {
        if (cpu >= cpus_.size())
            throw std::invalid_argument("kctx::sim::machine::irq_at: there is no CPU " +
                                        std::to_string(cpu));
        events_.emplace(std::max(ns, now_),
                        irq{std::move(handler), std::move(path), cpu, ++last_event_});
    }

    /// Interrupt line @p line comes: the handlers that drivers have requested are called.
    void line_at(std::uint64_t ns, unsigned line, std::vector<const char *> path = {},
                 unsigned cpu = 0)
    {
        irq_at(ns, [this, line] { handle_line(line); }, std::move(path), cpu);
    }

    /// Runs until nothing is left to do. Virtual time passes when every CPU is idle or spins. What
    /// a task throws comes out of here, and the machine does not go on.
    outcome run()
    {
        if (here_ == this)
            throw std::logic_error("kctx::sim::machine::run: a task of the machine calls it");
        machine *const outer = std::exchange(here_, this);
        while (!panicked_ && !failed_) {
            if (processor *next = next_cpu()) {
                cpu_ = next;
                main_.switch_to(cpu_->current->fiber);
                continue;
            }
            if (events_.empty())
                break;
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
                   tasks_,
                   [](const auto &t) { return t->exited || t->is.serves || t->is.pid == 0; })
                   ? outcome::idle
                   : outcome::hung;
    }

    std::uint64_t now() const { return now_; }
    std::uint64_t jiffy_ns() const { return 1'000'000'000 / config.hz; }
    unsigned long jiffies() const { return now_ / jiffy_ns(); }
    /// The name and flags of a module, as "Modules linked in:" shows them: `iccard`, `usb(P)`.
    void load_module(const std::string &name)
    {
        modules_ = name + (modules_.empty() ? "" : " ") + modules_;
    }

    // What the kernel's functions do, on the CPU that runs.

    task_struct &current() { return *cpu_->current; }
    unsigned preempt_count() { return current().preempt_count; }
    bool irqs_disabled() const { return cpu_->irqs_off; }
    unsigned cpu_number() const { return cpu_->id; }

    void printk(level at, std::string_view line) { log.print(now_, at, line); }

    void preempt_disable() { current().preempt_count += units.preempt; }
    void preempt_enable()
    {
        current().preempt_count -= units.preempt;
        preempt_check_resched();
    }
    void local_bh_disable() { current().preempt_count += units.bh_disable; }
    void local_bh_enable()
    {
        current().preempt_count -= units.bh_disable;
        preempt_check_resched();
    }
    /// Returns whether they were off already.
    bool local_irq_save() { return std::exchange(cpu_->irqs_off, true); }
    void local_irq_restore(bool off)
    {
        cpu_->irqs_off = off;
        interrupt_point();
    }

    /// A place where interrupts may come: those that are due do.
    void interrupt_point()
    {
        while (!cpu_->irqs_off && !cpu_->interrupts.empty()) {
            const irq next = std::move(cpu_->interrupts.front());
            cpu_->interrupts.pop_front();
            hardirq(next.handler, next.path);
        }
    }
    /// An interrupt comes now and calls @p handler (irq_enter() ... irq_exit()).
    template <class F> void hardirq(F &&handler, const std::vector<const char *> &path = {})
    {
        const auto &frames = current().frames;
        const char *outer =
            std::exchange(cpu_->interrupted, frames.empty() ? nullptr : frames.back());
        in_interrupt(units.hardirq, true, handler, path);
        cpu_->interrupted = outer;
        // invoke_softirq(): not within another interrupt, nor with bottom halves disabled.
        while (!cpu_->softirqs.empty() && !units.in_interrupt(preempt_count())) {
            const pending next = std::move(cpu_->softirqs.front());
            cpu_->softirqs.pop_front();
            softirq(next.action, next.path);
        }
        preempt_check_resched();
    }
    /// @p action is called as a softirq when this interrupt is over.
    void raise_softirq(std::function<void()> action, std::vector<const char *> path = {})
    {
        cpu_->softirqs.push_back({std::move(action), std::move(path)});
    }
    /// Softirqs are served now (__do_softirq()), interrupts on.
    template <class F> void softirq(F &&action, const std::vector<const char *> &path = {})
    {
        in_interrupt(units.softirq, false, action, path);
    }
    template <class F> void nmi(F &&handler, const std::vector<const char *> &path = {})
    {
        in_interrupt(units.nmi, true, handler, path);
    }

    /// Gives up the CPU, and sleeps if the task's state says so.
    void schedule();
    /// Sleeps for at most @p timeout jiffies; returns those left.
    long schedule_timeout(long timeout);
    /// Lets another task run if one waits; returns whether it did (_cond_resched()).
    bool cond_resched();
    /// What every function that may sleep begins with; where it stands in the kernel's source.
    void might_sleep(const char *file, int line);
    bool wake_up(task_struct &task, unsigned states);
    /// The task that runs has used up its time, or a better one has come.
    void set_need_resched() { cpu_->need_resched = true; }
    bool need_resched() const { return cpu_->need_resched; }

    /// Waits, spinning, while a bit of @p mask is set in the word of a lock.
    void spin_while(const unsigned &word, unsigned mask)
    {
        while ((word & mask) != 0) {
            cpu_->spins_on = &word;
            cpu_->spins_for = mask;
            current().fiber.switch_to(main_);
            cpu_->spins_on = nullptr;
            interrupt_point();
        }
    }
    /// Virtual time passes, as it does in a busy wait.
    void pass(std::uint64_t ns)
    {
        now_ += ns;
        while (!events_.empty() && events_.begin()->first <= now_)
            make_due();
        interrupt_point();
    }

    void dump_stack() { print_trace(printing_functions(config)); }
    /// Ends the machine: run() returns, and no task goes on.
    [[noreturn]] void panic(const char *why);

    /// A driver's handler on an interrupt line, and the task of its thread function if it has one.
    struct irq_action {
        irq_handler_t handler;
        irq_handler_t thread;
        void *dev;
        task_struct *task = nullptr;
        bool wanted = false; ///< the thread is to run
    };
    /// request_threaded_irq(): 0.
    int request_line(unsigned line, irq_handler_t handler, irq_handler_t thread, const char *name,
                     void *dev);

private:
    struct pending {
        std::function<void()> action;
        std::vector<const char *> path;
    };
    struct irq {
        std::function<void()> handler;
        std::vector<const char *> path;
        unsigned cpu;
        std::uint64_t id;
    };
    struct processor {
        unsigned id;
        task_struct *idle;
        task_struct *current = idle;
        std::deque<task_struct *> queue{}; ///< who waits for it, the next one first
        std::deque<irq> interrupts{};      ///< due, and not taken yet
        std::deque<pending> softirqs{};
        const char *interrupted = nullptr; ///< the function that the hard irq came in
        bool irqs_off = false;
        bool need_resched = false;
        const unsigned *spins_on = nullptr; ///< the word of a lock, for these bits to go:
        unsigned spins_for = 0;

        processor(unsigned id_, task_struct &idle_) : id(id_), idle(&idle_) {}
        bool can_run() const
        {
            if (spins_on)
                return (*spins_on & spins_for) == 0 || (!irqs_off && !interrupts.empty());
            return current != idle || !queue.empty() || !interrupts.empty();
        }
    };
    static constexpr std::size_t stack_bytes = std::size_t{256} * 1024;

    static inline thread_local machine *here_ = nullptr;
    fiber main_;
    std::uint64_t now_;
    std::vector<std::unique_ptr<task_struct>> tasks_;
    std::deque<processor> cpus_;
    processor *cpu_ = nullptr;
    std::multimap<std::uint64_t, irq> events_; ///< by virtual time, and then as they were told
    std::uint64_t last_event_ = 0;
    std::map<unsigned, std::deque<irq_action>> lines_;
    int last_pid_ = 1;
    std::string modules_;
    task_struct *ended_ = nullptr; ///< whose stack is to go once nobody stands on it
    bool panicked_ = false;
    std::exception_ptr failed_;                   ///< what a task has thrown
    bool tainted_ = false;                        ///< TAINT_WARN
    std::optional<std::uint64_t> last_complaint_; ///< the jiffy of might_sleep()'s last report

    task_struct &make_task(task_options options, std::function<void()> body)
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
        tasks_.push_back(std::make_unique<task_struct>(std::move(options), std::move(body),
                                                       stack_bytes, &machine::task_entry));
        return *tasks_.back();
    }
    void enqueue(task_struct &task)
    {
        task.queued = true;
        cpus_[task.is.cpu].queue.push_back(&task);
    }
    void handle_line(unsigned line)
    {
        for (irq_action &a : lines_[line]) {
            const irqreturn_t done =
                a.handler ? a.handler(static_cast<int>(line), a.dev) : IRQ_WAKE_THREAD;
            if (done == IRQ_WAKE_THREAD && a.task) {
                a.wanted = true;
                wake_up(*a.task, TASK_NORMAL);
            }
        }
    }
    void make_due()
    {
        const auto first = events_.begin();
        cpus_[first->second.cpu].interrupts.push_back(std::move(first->second));
        events_.erase(first);
    }
    /// The CPU to go on with, in turn.
    processor *next_cpu()
    {
        const std::size_t from = cpu_ ? cpu_->id + 1 : 0;
        for (std::size_t i = 0; i < cpus_.size(); ++i) {
            processor &c = cpus_[(from + i) % cpus_.size()];
            if (c.can_run())
                return &c;
        }
        return nullptr;
    }

    static void task_entry(void *task)
    {
        here_->reap();
        here_->cpu_->irqs_off = false;
        try {
            static_cast<task_struct *>(task)->body();
            here_->do_exit();
        } catch (...) {
            here_->failed_ = std::current_exception();
        }
        here_->leave();
    }
    /// To run(), and never back.
    [[noreturn]] void leave()
    {
        for (;;)
            current().fiber.switch_to(main_);
    }
    void reap()
    {
        if (task_struct *gone = std::exchange(ended_, nullptr))
            gone->fiber.drop_stack();
    }
    void do_exit();
    void idle_loop()
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

    template <class F>
    void in_interrupt(unsigned unit, bool irqs_off, F &handler,
                      const std::vector<const char *> &path)
    {
        task_struct &interrupted = current();
        const bool were_off = std::exchange(cpu_->irqs_off, irqs_off);
        const std::size_t depth = interrupted.frames.size();
        interrupted.frames.insert(interrupted.frames.end(), path.begin(), path.end());
        interrupted.preempt_count += unit;
        handler();
        interrupted.preempt_count -= unit;
        interrupted.frames.resize(depth);
        cpu_->irqs_off = were_off;
    }

    /// preempt_schedule(), preempt_schedule_irq(): kernels with CONFIG_PREEMPT alone.
    void preempt_check_resched();
    void schedule_preempting();
    void schedule_once(bool preempting);
    void switch_to_next(bool preempting);
    void scheduling_while_atomic();
    void complain_if_atomic(const char *file, int line);
    void print_trace(const std::vector<const char *> &innermost);
    void show_regs();
    std::string taint() const;
    /// The event @p id does not come any more, if it has not come yet.
    void cancel(std::uint64_t id)
    {
        std::erase_if(events_, [id](const auto &e) { return e.second.id == id; });
        for (processor &c : cpus_)
            std::erase_if(c.interrupts, [id](const irq &i) { return i.id == id; });
    }
};

/// A function of the kernel or a driver on the shadow of the call stack: `frame in("nand_read");`
class frame
{
    std::vector<const char *> &stack_;

public:
    explicit frame(const char *function) : stack_(machine::here()->current().frames)
    {
        stack_.push_back(function);
    }
    ~frame() { stack_.pop_back(); }
    frame(const frame &) = delete;
    frame &operator=(const frame &) = delete;
};

inline void machine::preempt_check_resched()
{
    if (config.preempt == preemption::full && cpu_->need_resched && preempt_count() == 0 &&
        !cpu_->irqs_off) {
        const frame in("preempt_schedule");
        schedule_preempting();
    }
}

inline void machine::schedule()
{
    const frame in("schedule");
    schedule_once(false);
}

inline void machine::schedule_once(bool preempting)
{
    // The test is in schedule() itself up to 3.0, in __schedule() since.
    current().preempt_count += units.preempt;
    if (config.since(3, 1)) {
        const frame in("__schedule");
        switch_to_next(preempting);
    } else {
        switch_to_next(preempting);
    }
    current().preempt_count -= units.preempt;
    interrupt_point();
}

inline void machine::switch_to_next(bool preempting)
{
    task_struct &me = current();
    // A task that exits may do so with a count until 4.3.
    if (units.atomic_in_schedule(me.preempt_count) && (config.since(4, 4) || !me.exited))
        scheduling_while_atomic();

    processor &c = *cpu_;
    c.need_resched = false;
    const bool at_preemption_point = preempting || (me.preempt_count & units.preempt_active) != 0;
    const bool stays = me.state == TASK_RUNNING || at_preemption_point;
    if (&me != c.idle && stays && !me.queued)
        enqueue(me);
    task_struct *next = c.idle;
    if (!c.queue.empty()) {
        next = c.queue.front();
        c.queue.pop_front();
        next->queued = false;
    }
    if (next != &me) {
        c.current = next;
        if (me.exited)
            ended_ = &me;
        me.fiber.switch_to(next->fiber, me.exited);
        reap();
    }
    cpu_->irqs_off = false; // finish_task_switch()
}

inline void machine::scheduling_while_atomic()
{
    task_struct &me = current();
    const frame in("__schedule_bug");
    printk(level::err, text("BUG: scheduling while atomic: %s/%d/0x%08x", me.is.comm.c_str(),
                            me.is.pid, me.preempt_count & ~units.fields.hidden));
    if (config.modules)
        printk(level::warning, "Modules linked in:" + (modules_.empty() ? "" : " " + modules_));
    if (config.panic_on_warn && config.since(4, 14))
        panic(config.since(6, 1) ? "scheduling while atomic: panic_on_warn set ..."
                                 : "scheduling while atomic\n");
    // In an interrupt old kernels show the registers of what it interrupted.
    if (!config.since(3, 10) && (me.preempt_count & units.fields.hardirq) != 0)
        show_regs();
    else
        dump_stack();
    if (config.since(3, 10))
        tainted_ = true;
    if (config.since(4, 4)) // preempt_count_set(PREEMPT_DISABLED)
        me.preempt_count = units.preempt;
}

inline bool machine::cond_resched()
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

/// schedule() at a preemption point: the task goes on running whatever its state. Since 3.1 it is
/// __schedule() that is called.
inline void machine::schedule_preempting()
{
    current().preempt_count += units.preempt_active;
    if (config.since(3, 1))
        schedule_once(true);
    else
        schedule();
    current().preempt_count -= units.preempt_active;
}

inline void machine::might_sleep(const char *file, int line)
{
    if (config.debug_atomic_sleep)
        complain_if_atomic(file, line);
    if (config.preempt == preemption::voluntary)
        cond_resched();
}

inline void machine::complain_if_atomic(const char *file, int line)
{
    task_struct &me = current();
    const unsigned count = me.preempt_count & ~units.preempt_active;
    const bool idle = config.since(4, 4) && me.is.pid == 0;
    if (count == 0 && !cpu_->irqs_off && !idle)
        return;
    // At most one report a second, whoever is meant.
    if (last_complaint_ && jiffies() < *last_complaint_ + config.hz)
        return;
    last_complaint_ = jiffies();

    printk(level::err,
           text("BUG: sleeping function called from invalid context at %s:%d", file, line));
    // irqs_disabled() is a bit of the register, not a truth value, on ARM.
    const bool arm = config.arch == kernel::arch::arm || config.arch == kernel::arch::arm64;
    const int irqs_off = cpu_->irqs_off ? (arm ? 128 : 1) : 0;
    const char *non_block = config.since(5, 4) ? "non_block: 0, " : "";
    printk(level::err, text("in_atomic(): %d, irqs_disabled(): %d, %spid: %d, name: %s", count != 0,
                            irqs_off, non_block, me.is.pid, me.is.comm.c_str()));
    if (config.since(5, 17)) {
        printk(level::err, text("preempt_count: %x, expected: 0", count));
        if (config.preempt == preemption::full) // CONFIG_PREEMPT_RCU
            printk(level::err, "RCU nest depth: 0, expected: 0");
    }
    std::vector<const char *> innermost{"__might_sleep"};
    if (config.since(3, 19))
        innermost.push_back(config.since(5, 17) ? "__might_resched" : "___might_sleep");
    for (const char *function : printing_functions(config))
        innermost.push_back(function);
    print_trace(innermost);
    if (config.since(4, 14))
        tainted_ = true;
}

inline long machine::schedule_timeout(long timeout)
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
    task_struct &me = current();
    irq_at(end * jiffy_ns(), [this, &me] { wake_up(me, TASK_NORMAL); }, {}, cpu_->id);
    const std::uint64_t timer = last_event_;
    schedule();
    cancel(timer);
    return std::max(0l, static_cast<long>(end) - static_cast<long>(jiffies()));
}

inline bool machine::wake_up(task_struct &task, unsigned states)
{
    if ((task.state & states) == 0 || task.exited)
        return false;
    task.state = TASK_RUNNING;
    processor &c = cpus_[task.is.cpu];
    if (!task.queued && c.current != &task)
        enqueue(task);
    if (c.current == c.idle) // any task is better than none
        c.need_resched = true;
    return true;
}

inline int machine::request_line(unsigned line, irq_handler_t handler, irq_handler_t thread,
                                 const char *name, void *dev)
{
    irq_action &a = lines_[line].emplace_back(irq_action{handler, thread, dev});
    if (thread)
        a.task = &spawn({.comm = text("irq/%u-%s", line, name),
                         .pid = last_pid_ + 1,
                         .entry = {"ret_from_fork", "kthread", "irq_thread"},
                         .cpu = cpu_->id,
                         .serves = true},
                        [this, line, &a] {
                            for (;;) { // irq_wait_for_interrupt()
                                current().state = TASK_INTERRUPTIBLE;
                                if (std::exchange(a.wanted, false)) {
                                    current().state = TASK_RUNNING;
                                    a.thread(static_cast<int>(line), a.dev);
                                } else {
                                    schedule();
                                }
                            }
                        });
    return 0;
}

inline void machine::do_exit()
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
        schedule_once(false);
    } else {
        schedule();
    }
}

inline void machine::panic(const char *why)
{
    // Nothing that is on this stack is destroyed.
    const frame in("panic");
    printk(level::emerg, text("Kernel panic - not syncing: %s", why));
    dump_stack();
    if (config.since(4, 4))
        printk(level::emerg, text("---[ end Kernel panic - not syncing: %s%s", why,
                                  config.since(5, 4) ? " ]---" : ""));
    panicked_ = true;
    leave();
}

inline std::string machine::taint() const
{
    if (!tainted_)
        return "Not tainted";
    // A letter or a blank for each flag, of which there were ever more.
    static constexpr std::pair<unsigned, unsigned> flags[] = {
        {KCTX_VERSION(6, 15, 0), 20}, {KCTX_VERSION(5, 19, 0), 19},
        {KCTX_VERSION(4, 19, 0), 18}, {KCTX_VERSION(4, 15, 0), 17},
        {KCTX_VERSION(4, 0, 0), 16},  {KCTX_VERSION(3, 17, 0), 15},
        {KCTX_VERSION(3, 15, 0), 14}, {KCTX_VERSION(3, 2, 0), 13},
        {KCTX_VERSION(2, 6, 35), 12}, {0, 11},
    };
    const auto *const now =
        std::ranges::find_if(flags, [this](auto f) { return config.version >= f.first; });
    std::string letters(now->second, ' ');
    letters[0] = 'G';
    letters[9] = 'W';
    return "Tainted: " + letters;
}

inline void machine::print_trace(const std::vector<const char *> &innermost)
{
    const task_struct &me = current();
    const char *comm = me.is.comm.c_str();
    const std::string kernel = taint() + " " + config.release + " " + config.build;
    if (config.since(3, 10)) {
        const std::string uid = config.since(6, 12) ? "UID: 0 " : "";
        printk(level::warning,
               text("CPU: %u %sPID: %d Comm: %.20s ", cpu_->id, uid.c_str(), me.is.pid, comm) +
                   kernel);
    } else if (config.arch == kernel::arch::x86) {
        printk(level::warning, text("Pid: %d, comm: %.20s ", me.is.pid, comm) + kernel);
    }
    std::vector<const char *> frames = me.frames;
    frames.insert(frames.end(), innermost.begin(), innermost.end());
    for (const std::string &line : trace_lines(config, symbols, frames, me.is))
        printk(level::warning, line);
}

inline void machine::show_regs()
{
    // What the other registers were, nobody knows.
    if (config.arch == kernel::arch::arm) {
        const task_struct &me = current();
        printk(level::warning, "");
        printk(level::warning, text("Pid: %d, comm: %20s", me.is.pid, me.is.comm.c_str()));
        printk(level::warning, text("CPU: %u    ", cpu_->id) + taint() + "  (" + config.release +
                                   " " + config.build + ")");
        if (const char *function = cpu_->interrupted) {
            const symbol s = symbols.find(function, text_start(config.arch));
            printk(level::warning, "PC is at " + describe(function, s, s.offset));
        }
    }
    print_trace({"show_regs"});
}

} // namespace kctx::sim
