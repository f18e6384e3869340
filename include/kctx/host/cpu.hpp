// SPDX-License-Identifier: BSL-1.0
/// @file
/// CPUs. Each thread runs on one of its own from its first call to its end: what happens to a CPU
/// in the kernel (interrupts off, preemption off, an RCU reader) happens to a thread here. Nothing
/// else runs on its CPU but the interrupts that it raises itself.
#pragma once

#include <atomic>
#include <execinfo.h>
#include <linux/membarrier.h>
#include <memory>
#include <pthread.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <kctx/api/percpu.hpp>
#include <kctx/api/sched.hpp>
#include <kctx/host/printk.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

/// Has a hard irq call @p run(@p what).
struct interrupt {
    void (*run)(void *what);
    void *what;
};

struct cpu {
    const unsigned id; ///< its number from 1 on: 0 is nobody's
    const bool
        readers_fence;  ///< RCU readers order themselves: the kernel beneath us does not do it
    unsigned depth = 0; ///< open sections that must not sleep: locks, preemption, readers, handlers
    unsigned rcu_depth = 0; ///< those that are rcu_read_lock()
    bool irqs_off = false;
    bool in_hardirq = false;
    bool interrupts_wait = false;
    std::vector<interrupt> waiting; ///< interrupts that came while they were off
    std::atomic<unsigned long> sections{
        0}; ///< counts the outermost ones' ends and beginnings: odd inside
    std::atomic<long> memory_in_use{0}; ///< bytes allocated less bytes freed by this thread
    unsigned fail_nth = 0;              ///< which allocation from now on fails, or 0
    task_struct *task = nullptr;        ///< current

    cpu(unsigned id_, bool fence) noexcept : id(id_), readers_fence(fence) {}
    int number() const noexcept { return static_cast<int>(id) - 1; }

    inline void enter_section() noexcept;
    inline void leave_section() noexcept;
};

/// Who is on which CPU. A CPU whose thread has ended is the next one's.
struct cpus {
    std::mutex lock;
    std::vector<std::unique_ptr<cpu>> all;
    std::vector<cpu *> idle;
    bool membarrier = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
};

inline constinit thread_local cpu *cpu_of_thread = nullptr;

/// Ends with its thread.
struct occupied_cpu {
    cpu *mine = nullptr;
    ~occupied_cpu();
};

[[gnu::noinline]] inline cpu &bring_up() noexcept
{
    static thread_local occupied_cpu occupied;
    cpus &c = immortal<cpus>();
    const std::lock_guard held(c.lock);
    if (c.idle.empty()) {
        c.all.push_back(
            std::make_unique<cpu>(static_cast<unsigned>(c.all.size() + 1), !c.membarrier));
        cpu_of_thread = c.all.back().get();
    } else {
        cpu_of_thread = c.idle.back();
        c.idle.pop_back();
    }
    occupied.mine = cpu_of_thread;
    return *cpu_of_thread;
}
inline cpu &this_cpu() noexcept { return cpu_of_thread ? *cpu_of_thread : bring_up(); }

// What RCU needs to know of a section. A reader's store and the loads that follow it are ordered by
// the membarrier() of who waits for readers, so that a reader pays for two plain stores.
inline void cpu::enter_section() noexcept
{
    if (depth++ != 0)
        return;
    const unsigned long odd = sections.load(std::memory_order_relaxed) + 1;
    if (readers_fence)
        sections.exchange(odd, std::memory_order_seq_cst);
    else
        sections.store(odd, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}
inline void cpu::leave_section() noexcept
{
    if (--depth == 0)
        sections.store(sections.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

/// The name and number of the thread, as current->comm and current->pid are printed: "reader/4711".
inline std::string comm_and_pid()
{
    char name[32] = "?";
    pthread_getname_np(pthread_self(), name, sizeof name);
    return std::string(name) + "/" + std::to_string(syscall(SYS_gettid));
}

/// Prints who is here, and how he came here.
inline void print_stack(const char *level) noexcept
{
    void *frames[64];
    const int count = backtrace(frames, 64);
    char **const names = backtrace_symbols(frames, count);
    env::printk_at(level, "CPU: %d Comm: %s\nCall Trace:\n", this_cpu().number(),
                   comm_and_pid().c_str());
    for (int i = 1; names && i < count; ++i)
        env::printk_at(level, " %s\n", names[i]);
    std::free(names);
}

/// Says what is wrong in the kernel's words, and ends the program.
template <class... A> [[noreturn]] void bug(const char *format, A... arguments) noexcept
{
    if constexpr (sizeof...(A) == 0)
        print_message(std::string(KERN_EMERG) + format);
    else
        env::printk_at(KERN_EMERG, format, arguments...);
    print_stack(KERN_EMERG);
    std::abort();
}

/// What might_sleep() asks in every function that may (kernel/sched/core.c, __might_resched()).
inline void may_sleep(const char *function) noexcept
{
    if (!debug)
        return;
    const cpu &c = this_cpu();
    if (c.depth == 0)
        return;
    const unsigned atomic = c.depth - c.rcu_depth;
    env::printk_at(KERN_EMERG, "BUG: sleeping function called from invalid context: %s()\n",
                   function);
    bug("in_atomic(): %d, irqs_disabled(): %d, non_block: 0, pid: %ld, name: %s\n"
        "preempt_count: %x, expected: 0\nRCU nest depth: %u, expected: 0\n",
        atomic != 0, c.irqs_off, syscall(SYS_gettid), comm_and_pid().c_str(), atomic, c.rcu_depth);
}

inline occupied_cpu::~occupied_cpu()
{
    if (debug && mine->depth != 0)
        bug("note: %s exited with preempt_count %u\n", comm_and_pid().c_str(), mine->depth);
    cpu_of_thread = nullptr;
    cpus &c = immortal<cpus>();
    const std::lock_guard held(c.lock);
    c.idle.push_back(mine);
}

inline void run_in_hardirq(cpu &c, interrupt i) noexcept
{
    const bool nested = std::exchange(c.in_hardirq, true);
    c.enter_section();
    i.run(i.what);
    c.leave_section();
    c.in_hardirq = nested;
}

/// Interrupts on again: those that came meanwhile run now.
[[gnu::noinline]] inline void deliver_waiting(cpu &c) noexcept
{
    while (!c.waiting.empty()) {
        const interrupt next = c.waiting.front();
        c.waiting.erase(c.waiting.begin());
        c.irqs_off = true;
        run_in_hardirq(c, next);
        c.irqs_off = false;
    }
    c.interrupts_wait = false;
}
inline bool irqs_disable(cpu &c) noexcept { return std::exchange(c.irqs_off, true); }
inline void irqs_restore(cpu &c, bool off) noexcept
{
    c.irqs_off = off;
    if (!off && c.interrupts_wait)
        deliver_waiting(c);
}

/// An interrupt comes to this CPU: now, or as soon as interrupts are on.
inline void interrupt_this_cpu(interrupt i) noexcept
{
    cpu &c = this_cpu();
    c.waiting.push_back(i);
    if (c.irqs_off)
        c.interrupts_wait = true;
    else
        deliver_waiting(c);
}

/// Around a function of the driver that the environment calls: the state of its CPU must be the
/// same after as before.
class calling_driver
{
    cpu &c_ = this_cpu();
    const unsigned depth_ = c_.depth;
    const bool irqs_off_ = c_.irqs_off;
    const char *what_;

public:
    explicit calling_driver(const char *what) noexcept : what_(what) {}
    ~calling_driver()
    {
        if (debug && (c_.depth != depth_ || c_.irqs_off != irqs_off_))
            bug("BUG: %s leaked atomic, lock or RCU: %s\n     preempt=0x%08x RCU=%u "
                "irqs_disabled=%d\n",
                what_, comm_and_pid().c_str(), c_.depth - c_.rcu_depth, c_.rcu_depth, c_.irqs_off);
    }
    calling_driver(const calling_driver &) = delete;
    calling_driver &operator=(const calling_driver &) = delete;
};

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void dump_stack() noexcept { host::print_stack(KERN_WARNING); }

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
