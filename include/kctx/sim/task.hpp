// SPDX-License-Identifier: BSL-1.0
/// @file
/// Tasks and the shadow of their call stacks.
#pragma once

#include <setjmp.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <kctx/api/sched.hpp>
#include <kctx/sim/fiber.hpp>
#include <kctx/sim/lock_class.hpp>

namespace kctx::sim {

/// Where user space made the system call: what PowerPC prints below it.
struct user_registers {
    unsigned trap = 0;      ///< the exception's vector, with its lowest bit: 0xc01
    std::uint64_t pc = 0;   ///< where the program goes on
    std::uint64_t link = 0; ///< the link register
};

/// A process's page tables at the addresses below 1 GiB, as an Oops shows them. An entry of 0:
/// nothing is there, and the fault is one of that level.
struct page_tables {
    std::uint64_t pgdp = 0; ///< where the table of the top level is
    std::uint64_t pgd = 0;  ///< its entry
    std::uint64_t pmd = 0;  ///< the entry below that
};

/// task_struct::prio: 0 is served first, 99 is the last of SCHED_FIFO, 120 is nice 0.
inline constexpr int normal_prio = 120;

/// What a task is. A trace shows its stack from @p stack_top down.
struct task_options {
    std::string comm;            ///< its name, as reports have it
    int pid = 0;                 ///< as reports have it
    std::uint64_t stack_top = 0; ///< 0: an address of the machine's choice
    std::vector<const char *>
        entry{};            ///< the kernel's functions that call its own, outermost first
    user_registers user{};  ///< of a system call
    unsigned cpu = 0;       ///< the CPU that it begins on
    int prio = normal_prio; ///< the kernel's: 120 is nice 0, below 100 real-time
    page_tables tables{};   ///< of its process
    bool serves = false;    ///< a kernel thread that waits for work for ever, and does not hang
};

/// When interrupts and softirqs went on and off (struct irqtrace_events), for lockdep's reports.
struct irq_trace {
    /// Where one of them happened last.
    struct event {
        unsigned number = 0;      ///< irq_events then
        const char *at = nullptr; ///< the function
    };
    unsigned events = 0; ///< irq_events: counts all of them
    event hardirqs_on;   ///< interrupts went on
    event hardirqs_off;  ///< interrupts went off
    event softirqs_on;   ///< bottom halves went on
    event softirqs_off;  ///< bottom halves went off
};

/// How deep a task was in its functions when an interrupt came, or softirqs were served.
struct interruption {
    std::size_t depth; ///< frames of the stack below it
    bool exception;    ///< the processor's, and not a call of softirqs
};

} // namespace kctx::sim

namespace kctx {

/// A task of the machine.
struct task_struct {
    sim::task_options is;                ///< what it is
    unsigned number = 0;                 ///< the n-th task of its machine, from 1
    unsigned state = TASK_RUNNING;       ///< TASK_*
    unsigned saved_state = TASK_RUNNING; ///< PREEMPT_RT: before it waited for a spinlock_t
    unsigned preempt_count = 0;          ///< levels, in the units of the machine's kernel
    unsigned softirq_count = 0; ///< PREEMPT_RT: softirq_disable_cnt, in units of preempt_count's
    unsigned rcu_nesting = 0;   ///< rcu_read_lock_nesting
    unsigned migration_disabled = 0; ///< levels of migrate_disable()
    unsigned non_block_count = 0;    ///< levels of non_block_start()
    bool bound_to_cpu = false;       ///< is_percpu_thread()
    unsigned pagefault_disabled = 0; ///< levels of pagefault_disable()
    unsigned memalloc = 0;           ///< scopes of memalloc_noio_save() and its kin
    bool has_mm = false;             ///< reaches the memory of a process
    bool signal = false;             ///< one waits for it
    unsigned hardirq_context = 0;    ///< interrupts that it serves, as lockdep counts them
    unsigned softirq_context = 0;    ///< softirqs that it serves, as lockdep counts them
    bool hardirq_threadable = false; ///< the interrupt would be a thread on PREEMPT_RT
    bool softirqs_on = true;         ///< as lockdep sees it
    int prio;                        ///< is.prio, or that of who waits for its lock
    bool queued = false;             ///< waits for its CPU
    bool exited = false;             ///< do_exit()
    std::uint64_t blocked_since = 0; ///< when it last gave up the CPU
    std::uint64_t timeouts = 0;      ///< how often it has set itself one, or left it
    bool reported_hung = false;      ///< since then
    const char *preempt_disabled_at = nullptr;   ///< CONFIG_DEBUG_PREEMPT
    const char *state_set_at = nullptr;          ///< task_state_change
    const void *waits_for = nullptr;             ///< in whose queue of waiters it is
    bool waits_for_rtlock = false;               ///< and that is a sleeping spinlock
    std::vector<const void *> lends{};           ///< what it owns and more urgent tasks wait for
    std::vector<sim::held_lock> held{};          ///< oldest first
    sim::irq_trace irqs{};                       ///< for lockdep's reports
    std::string workqueue{};                     ///< a worker's: what "Workqueue:" shows
    std::vector<const char *> frames;            ///< the functions it is in, outermost first
    std::vector<sim::interruption> interrupts{}; ///< those that it serves, the first one first
    std::function<void()> body;                  ///< what it does
    sigjmp_buf at_entry{};                       ///< where it goes from a fault
    sim::fiber fiber;                            ///< its stack

    task_struct(sim::task_options options, std::function<void()> what, std::size_t stack_bytes,
                void (*run)(void *))
        : is(std::move(options)), prio(is.prio), frames(is.entry), body(std::move(what)),
          fiber(stack_bytes, run, this)
    {
        frames.reserve(64);
        held.reserve(16);
    }
};

} // namespace kctx
