// SPDX-License-Identifier: BSL-1.0
/// @file
/// The class machine: its CPUs, tasks and interrupts, and the order in which they run. What its
/// functions do is in run.hpp, interrupts.hpp, scheduler.hpp, reports.hpp and oops.hpp; engine.hpp
/// has all of it.
#pragma once

#include <csignal>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <kctx/sim/cpu.hpp>
#include <kctx/sim/preempt_count.hpp>
#include <kctx/sim/printk.hpp>
#include <kctx/sim/symbols.hpp>
#include <kctx/sim/waiters.hpp>

namespace kctx::sim {

/// Why run() has come back.
enum class outcome : unsigned char {
    idle,      ///< every task has exited
    hung,      ///< nothing will happen any more, and some task has not exited
    locked_up, ///< and some CPU spins on a lock that nobody will give back, or serves the level of
               ///< an interrupt line that nobody quiets
    panicked,
};

/// A place in the kernel's source, as might_sleep() and WARN() print it. Lines differ from release
/// to release: 0 stands for one that nobody has measured.
struct source_line {
    const char *file; ///< below the kernel's tree: "kernel/sched/core.c"
    int line;         ///< 0: not known
};

/// A machine: CPUs, tasks, interrupts, a clock of virtual nanoseconds; deterministic.
class machine
{
public:
    const machine_config config; ///< what it is
    const count_units units;     ///< what preempt_count is counted in
    symbol_table symbols;        ///< the addresses of functions, for traces
    log_ring log;                ///< what it has printed

    explicit machine(machine_config c);
    ~machine();
    machine(const machine &) = delete;
    machine &operator=(const machine &) = delete;

    /// The machine whose task runs now, or nullptr.
    static machine *here() { return here_; }

    // What the program does to the machine.

    /// A task that calls @p body when run() comes to it. Throws std::invalid_argument for a CPU
    /// that is not there, and for pid 0, which is the idle task's.
    task_struct &spawn(task_options options, std::function<void()> body);
    /// A thread of the kernel: of the pid that give_pid() has told, else the next one. Its entry
    /// are the functions between kthread() and @p body.
    task_struct &kthread(task_options options, std::function<void()> body);
    /// The kernel's thread of this name has this pid, when it comes.
    void give_pid(std::string comm, int pid);

    /// A hard irq calls @p handler on CPU @p cpu at @p ns of virtual time. Returns a number to
    /// cancel() it.
    std::uint64_t irq_at(std::uint64_t ns, std::function<void()> handler, call_path path = {},
                         unsigned cpu = 0, bool threadable = false);
    /// The interrupt @p id does not come any more; whether it was still to come.
    bool cancel(std::uint64_t id);
    /// Interrupt line @p line comes: the handlers that drivers have requested are called.
    void line_at(std::uint64_t ns, unsigned line, call_path path = {}, unsigned cpu = 0);
    /// A device holds the level-triggered line @p line from now on, or no more: while it does, the
    /// interrupt comes, and comes again when its handlers have returned.
    void set_line(unsigned line, bool asserted, call_path path = {}, unsigned cpu = 0);

    /// Runs until nothing is left to do. Virtual time passes when every CPU is idle or spins. What
    /// a task throws comes out of here, and the machine does not go on.
    outcome run();

    std::uint64_t now() const { return now_; }                           ///< virtual ns since boot
    std::uint64_t jiffy_ns() const { return 1'000'000'000 / config.hz; } ///< ns of a jiffy
    unsigned long jiffies() const { return now_ / jiffy_ns(); }          ///< jiffies since boot
    /// The name and flags of a module, as "Modules linked in:" shows them: `iccard`, `usb(P)`.
    void load_module(const std::string &name);
    /// The module that has gone last: `[last unloaded: iso7816_uart]`.
    void unloaded_module(std::string name);

    /// Is called before each call of a driver (see called()), with its name.
    std::function<void(const char *)> on_call;
    /// Where memory of the kernel that is mapped no more lay, in its own addresses; 0: it is none.
    std::function<std::uint64_t(std::uintptr_t)> unmapped_address;
    /// How many calls drivers have made.
    std::uint64_t calls = 0;
    /// A driver makes the call @p function: every definition of one begins with this.
    void called(const char *function)
    {
        ++calls;
        if (on_call) [[unlikely]]
            on_call(function);
    }

    /// What belongs to a machine and is defined elsewhere: lockdep, interrupt lines, timers,
    /// workqueues. It is made of the machine when it is first asked for.
    template <class Part> Part &part()
    {
        const std::size_t number = part_number<Part>;
        if (number >= parts_.size() || !parts_[number]) [[unlikely]]
            add_part(number, new Part(*this), [](void *p) { delete static_cast<Part *>(p); });
        return *static_cast<Part *>(parts_[number].get());
    }

    // What the kernel's functions do, on the CPU that runs.

    task_struct &current() { return *cpu_->current; } ///< the task that runs, on the CPU that runs
    unsigned preempt_count() { return current().preempt_count; } ///< of that task
    /// The word as it is stored: x86 keeps the opposite of need_resched in its uppermost bit since
    /// 3.13, arm64 in a second word since 5.0 (arch/*/include/asm/preempt.h). Without either it is
    /// 0 where a task may be preempted, and wants to be.
    std::uint64_t stored_preempt_count();
    bool irqs_disabled() const { return cpu_->irqs_off; } ///< on this CPU
    processor &cpu() { return *cpu_; }                    ///< the CPU that runs
    unsigned cpu_number() const { return cpu_->id; }      ///< its number, from 0 on
    /// Of task_struct::number; nullptr for 0.
    task_struct *task_of_number(unsigned number)
    {
        return number == 0 ? nullptr : tasks_[number - 1].get();
    }

    /// Prints a line at this level, in the log and on the console.
    void printk(level at, std::string_view line);
    /// Prints what a driver gave to printk(): perhaps a part of a line.
    void print_message(level at, std::string_view text, message_part part);

    // interrupts.hpp

    void preempt_disable() { count_add(units.preempt); } ///< preempt_disable(), without a check
    /// preempt_enable(): schedules, if that is due and allowed now.
    void preempt_enable()
    {
        current().preempt_count -= units.preempt;
        preempt_check_resched();
    }
    /// Returns whether they were off already.
    bool local_irq_save()
    {
        if (!std::exchange(cpu_->irqs_off, true)) {
            note_irqs(current().irqs.hardirqs_off);
            return false;
        }
        return true;
    }
    /// Interrupts as local_irq_save() found them: @p off if they were.
    void local_irq_restore(bool off)
    {
        if (!off && cpu_->irqs_off && config.prove_locking) [[unlikely]]
            lockdep_hardirqs_on();
        cpu_->irqs_off = off;
        interrupt_point();
    }
    void local_bh_disable(); ///< local_bh_disable(); on PREEMPT_RT it takes a lock of the CPU.
    void local_bh_enable();  ///< local_bh_enable(): serves the softirqs that are due.
    void migrate_disable();  ///< migrate_disable(): the task stays on its CPU.
    void migrate_enable();   ///< migrate_enable()
    void rcu_read_lock();    ///< rcu_read_lock()
    void rcu_read_unlock();  ///< rcu_read_unlock()

    /// The bits of a task's bottom halves: of its preempt_count, on PREEMPT_RT of its own count.
    unsigned softirq_count()
    {
        return config.rt() ? current().softirq_count
                           : current().preempt_count & units.fields.softirq;
    }
    bool in_hardirq() { return (preempt_count() & units.fields.hardirq) != 0; } ///< in_hardirq()
    bool in_nmi() { return (preempt_count() & units.fields.nmi) != 0; }         ///< in_nmi()
    /// Since 2.6.37 not where bottom halves are only disabled.
    bool in_serving_softirq() { return (softirq_count() & served) != 0; }
    /// in_interrupt(): NMI, hard irq, softirq or bottom halves off.
    bool in_interrupt()
    {
        return (preempt_count() & (units.fields.hardirq | units.fields.nmi)) != 0 ||
               softirq_count() != 0;
    }
    /// in_task()
    bool in_task() { return !in_hardirq() && !in_nmi() && !in_serving_softirq(); }
    /// in_atomic(); without CONFIG_PREEMPT_COUNT it misses spinlocks
    bool in_atomic() { return (preempt_count() & ~units.preempt_active) != 0; }
    bool is_preemptible() { return preempt_count() == 0 && !irqs_disabled(); } ///< preemptible()

    /// A hard irq is due on this CPU, and comes as soon as interrupts are on.
    void interrupt_now(std::function<void()> handler, call_path path = {}, bool threadable = false);
    /// lockdep_assert_irqs_enabled(), at @p at in @p function.
    void assert_irqs_enabled(source_line at, const char *function);
    /// A place where interrupts may come: those that are due do.
    void interrupt_point()
    {
        if (!cpu_->irqs_off && !cpu_->interrupts.empty()) [[unlikely]]
            serve_interrupts();
    }
    /// An interrupt comes now and calls @p handler (irq_enter() ... irq_exit()).
    void hardirq(const std::function<void()> &handler, const call_path &path = {},
                 bool threadable = false);
    /// An NMI comes to this CPU at once; @p path is its way to the handler.
    void nmi(const std::function<void()> &handler, const call_path &path = {});
    /// Softirqs are served now (__do_softirq()), interrupts on.
    void softirq(const std::function<void()> &action, const call_path &path = {});
    /// @p action is called as a softirq: when this interrupt is over, or bottom halves come back;
    /// where neither is, by ksoftirqd.
    void raise_softirq(std::function<void()> action, call_path path = {},
                       softirq_thread thread = softirq_thread::ksoftirqd);
    /// @p function is called in a hard irq of another CPU, or here; waits for its end.
    void call_on(unsigned cpu, std::function<void()> function);

    // scheduler.hpp

    /// Gives up the CPU, and sleeps if the task's state says so.
    void schedule();
    /// @p task, which waits for its CPU, does not run until it is woken.
    void put_to_sleep(task_struct &task, unsigned state);
    /// The same for a lock of PREEMPT_RT: no "voluntary" sleep.
    void schedule_rtlock();
    /// Sleeps for at most @p timeout jiffies; returns those left.
    long schedule_timeout(long timeout);
    /// Sleeps for @p ns of virtual time, or until it is woken; whether the time is over.
    bool schedule_hrtimeout(std::uint64_t ns);
    /// Lets another task run if one waits; returns whether it did (_cond_resched()).
    bool cond_resched(); ///< cond_resched(): whether it scheduled.
    /// try_to_wake_up(): whether @p task was in one of @p states.
    bool wake_up(task_struct &task, unsigned states);
    /// Sets the state of the task that runs; @p function does so.
    void set_state(unsigned state, const char *function = nullptr)
    {
        current().state = state;
        current().state_set_at = function;
    }
    /// Somebody who is better may have been woken: he runs, where tasks may be preempted.
    void reschedule_if_needed() { preempt_check_resched(); }
    /// Other CPUs go on first, as far as they come; returns when it is this one's turn again.
    void let_other_cpus_run();
    bool other_cpu_can_run() const; ///< whether another CPU has anything to run
    /// Whether another task waits for this CPU, and nothing forbids that it takes it.
    bool may_be_preempted();
    /// Whether @p test holds for one of the tasks.
    bool any_task(const std::function<bool(const task_struct &)> &test) const;
    /// The task that runs has used up its time, or a better one has come.
    void set_need_resched() { cpu_->need_resched = true; }
    bool need_resched() const { return cpu_->need_resched; } ///< need_resched()

    /// Sleeps in @p state until wake_one(@p what) or wake_all() comes to this task, or somebody
    /// wakes it for itself; whether it was one of the former. @p owner has it and is to be as
    /// urgent as who waits.
    bool sleep_on(const void *what, unsigned state, task_struct *owner = nullptr);
    /// The task that runs has taken what others wait for.
    void owns(const void *what);
    /// The same until wake_one(@p lock) comes, in rt_lock() and its kin.
    void sleep_on_rtlock(const void *lock, task_struct *owner);
    /// The same for at most @p timeout jiffies, of which it returns those left.
    long sleep_on_timeout(const void *what, unsigned state, long timeout);
    /// Wakes who waits first; returns it, or nullptr.
    task_struct *wake_one(const void *what);
    unsigned wake_all(const void *what);  ///< Wakes all who wait for @p what; returns how many.
    bool is_waited_for(const void *what); ///< whether anybody waits for @p what

    /// Waits, spinning, while a bit of @p mask is set in the word of a lock.
    void spin_while(const unsigned &word, unsigned mask);
    /// Virtual time passes, as it does in a busy wait.
    void pass(std::uint64_t ns);
    /// Who goes round in a loop because it may not sleep takes time, too: a jiffy, if it is still
    /// the jiffy @p before.
    void spend_if_still(unsigned long before)
    {
        if (jiffies() == before)
            pass(jiffy_ns());
    }

    // reports.hpp

    /// What every function that may sleep begins with; where it stands in the kernel's source.
    void might_sleep(const char *file, int line);
    /// Without the preemption point: __might_resched(). @p offsets: the count and the depth of RCU
    /// that are expected, `preempt | rcu << 8`.
    void might_resched(source_line at, unsigned offsets = 0);
    /// RCU_LOCKDEP_WARN(): the first time at @p at.
    void suspicious_rcu(source_line at, std::string_view what);
    /// WARN(): @p function finds something wrong, and goes on.
    void warn(source_line at, const char *function, std::string_view message = {});
    /// WARN_ONCE(): the first time at @p at.
    void warn_once(source_line at, const char *function, std::string_view message = {});
    /// debug_smp_processor_id(): @p what is "smp_processor_id" or "__this_cpu_add" etc.
    void check_preemption_disabled(const char *what);
    void dump_stack(); ///< dump_stack()
    /// The lines of a trace of the task that runs, with the line that says who it is. @p trapped:
    /// it begins where a trap has come, and not in the functions that print it.
    void print_trace(const call_path &innermost, bool trapped = false);
    /// `1 lock held by ...`, if lockdep is there.
    void show_held_locks();
    void print_irq_trace();      ///< print_irqtrace_events(): when interrupts went on and off.
    std::string taint() const;   ///< tainted_to_short_text(): "G        W".
    void add_taint(char letter); ///< add_taint(): the letter of the flag.

    // oops.hpp

    /// Ends the machine: run() returns, and no task goes on.
    [[noreturn]] void panic(std::string_view why);
    /// BUG(): the kernel finds itself wrong. The task ends, or the machine.
    [[noreturn]] void bug(source_line at);
    /// An access to @p address that nothing is mapped at.
    [[noreturn]] void fault(std::uint64_t address, bool write);

private:
    static constexpr std::size_t stack_bytes = std::size_t{256} * 1024;
    static constexpr unsigned served = 0x100; ///< serving a softirq, in softirq_count()

    static inline std::size_t next_part = 0;
    template <class Part> static inline const std::size_t part_number = next_part++;
    static inline thread_local machine *here_ = nullptr;

    fiber main_;
    std::uint64_t now_;
    std::vector<std::unique_ptr<task_struct>> tasks_;
    std::deque<processor> cpus_;
    processor *cpu_ = nullptr;
    /// By virtual time, and then as they were told.
    std::multimap<std::uint64_t, interrupt> events_;
    std::uint64_t last_event_ = 0;
    std::vector<std::unique_ptr<void, void (*)(void *)>> parts_;
    waiter_table waiters_;
    std::map<std::string, int, std::less<>> pids_;
    int last_pid_ = 1;
    std::string modules_; ///< each behind a blank, the newest first
    std::string last_unloaded_;
    task_struct *ended_ = nullptr; ///< whose stack is to go once nobody stands on it
    bool panicked_ = false;
    std::exception_ptr failed_; ///< what a task has thrown
    std::set<char> tainted_;
    std::optional<std::uint64_t> last_complaint_; ///< the jiffy of might_sleep()'s last report
    std::set<std::pair<std::string, int>> warned_;
    unsigned oopses_ = 0;
    std::string die_words_;           ///< of the Oops that is being reported
    std::uint64_t fault_address_ = 0; ///< of the fault that a signal has told
    bool fault_writes_ = false;

    task_struct &make_task(task_options options, std::function<void()> body);
    void add_part(std::size_t number, void *part, void (*destroy)(void *));
    void make_due();
    processor *next_cpu();

    static void task_entry(void *task);
    /// To run(), and never back.
    [[noreturn]] void leave();
    void reap();
    void idle_loop();

    // interrupts.hpp
    void serve_interrupts();
    void in_interrupt(unsigned unit, bool irqs_off, const std::function<void()> &handler,
                      const call_path &path);
    void do_softirqs();
    void wake_softirqd();
    void serve_softirqs(softirq_thread which);
    void note_irqs(irq_trace::event &event);
    void lockdep_hardirqs_on();
    void count_add(unsigned amount)
    {
        task_struct &me = current();
        if (config.debug_preempt && me.preempt_count == 0) [[unlikely]]
            me.preempt_disabled_at = me.frames.empty() ? nullptr : me.frames.back();
        me.preempt_count += amount;
    }

    // scheduler.hpp
    enum class switching : unsigned char { voluntary, preempting, rt_lock };
    /// preempt_schedule(), preempt_schedule_irq(): kernels with CONFIG_PREEMPT alone.
    void preempt_check_resched()
    {
        if (cpu_->need_resched && config.preemptible() && preempt_count() == 0 && !cpu_->irqs_off)
            preempt_schedule();
    }
    void preempt_schedule();
    void schedule_preempting();
    void schedule_once(switching how);
    void switch_to_next(switching how);
    void enqueue(task_struct &task);
    std::uint64_t wake_at(std::uint64_t ns, bool by_softirq);
    void forget_timeout(std::uint64_t timer);
    void make_running(task_struct &task);
    void lend_prio(const void *what, task_struct &owner);
    void inherit(task_struct &owner);
    void leave_queue(const void *what, task_struct &task);
    void do_exit();

    // reports.hpp
    void scheduling_while_atomic();
    void print_modules();
    void print_warning(source_line at, const char *function, std::string_view message);
    void print_preempt_disabled_at(const char *at);
    void show_regs();
    std::string address_of(const char *function);
    std::string taint_words() const;
    bool in_atomic_preempt_off() { return units.atomic_in_schedule(preempt_count()); }

    // oops.hpp
    [[noreturn]] void die(const char *word);
    void print_die(const std::string &what);
    std::string die_suffix() const;
    void print_panic(std::string_view why);
    void print_fault(std::uint64_t address, bool write);
    void print_arm64_fault(std::uint64_t address, bool write);
    [[noreturn]] void make_task_dead();
    bool report_hung_tasks();
    static void on_signal(int, siginfo_t *info, void *context);
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

} // namespace kctx::sim
