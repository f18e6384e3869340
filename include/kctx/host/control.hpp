// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a program does to its driver: it enters it as the kernel would, raises its interrupts, lets
/// its allocations fail, reads its log. For the program's tests; driver code needs <kctx/kctx.hpp>
/// alone, and one file of the program includes <kctx/host.hpp>, which defines all of this.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

#include <kctx/core/context.hpp>

namespace kctx {
struct device;
struct task_struct;
} // namespace kctx

namespace kctx::host {

namespace detail {
/// What a context means for the thread that is in it.
class entered
{
    const context_state &state_;
    bool irqs_were_off_;

public:
    explicit entered(const context_state &state) noexcept;
    ~entered();
    entered(const entered &) = delete;
    entered &operator=(const entered &) = delete;
};
} // namespace detail

/// Calls @p fn in context @p C, as the kernel calls a module's init function or a system call:
/// `run<SyscallCtx>(card_read, &card, buffer, size)` calls card_read(SyscallCtx, ...). In the
/// contexts of interrupts the thread has interrupts off, or must not sleep.
template <context C, class F, class... A>
    requires(!requires { typename C::outer; })
inline decltype(auto) run(F &&fn, A &&...arguments)
{
    const detail::entered in(KCTX_PREEMPT_RT == KCTX_RT_ON ? kctx::detail::state_rt<C>
                                                           : kctx::detail::state_off<C>);
    return std::forward<F>(fn)(kctx::detail::mint::make<C>(), std::forward<A>(arguments)...);
}

/// Calls the init functions of the program's modules, in the order they were linked, until one
/// fails; returns its -errno, or 0.
int init_modules();
/// Calls their exit functions, the last one first.
void exit_modules();

/// Interrupt @p irq comes: its handlers run in this thread, before the call returns if interrupts
/// are on in it and else as soon as they are; the threads of threaded lines run in their own. A
/// line that is disabled or whose handler runs in another thread remembers one interrupt.
void raise_irq(unsigned int irq);
/// What has come of the interrupts of a line.
struct irq_statistics {
    unsigned long handled = 0;   ///< taken by a handler (or handed on to its thread)
    unsigned long unhandled = 0; ///< no handler wanted it, or there was none
};
/// What happened on line @p irq since the start.
irq_statistics statistics_of_irq(unsigned int irq);

/// Which allocations fail, as failslab and fail_page_alloc choose them
/// (Documentation/fault-injection/fault-injection.rst); never those with __GFP_NOFAIL.
struct memory_faults {
    unsigned int probability = 0;        ///< of each allocation, in per cent
    unsigned long seed = 1;              ///< of the numbers drawn for that
    long times = -1;                     ///< how often at most; -1: no limit
    std::size_t limit = ~std::size_t{0}; ///< bytes that may be in use, see memory_in_use()
};
/// Has allocations fail from now on, in the way that @p faults says.
void set_memory_faults(const memory_faults &faults);
/// The @p n-th allocation of this thread from now on fails, as /proc/self/fail-nth has it; 0: none.
void fail_nth(unsigned int n);
/// How many allocations it still takes; 0: it has failed.
unsigned int fail_nth_left();
/// Bytes that the calls' allocations hold now: what is more after than before has leaked. They are
/// counted unless NDEBUG is defined, as misuse is looked for; then this is 0.
std::size_t memory_in_use();

/// Copies to and from these @p size bytes fail, as if the process had no such memory.
class bad_user_memory
{
    const void *start_;

public:
    bad_user_memory(const void *start, std::size_t size);
    ~bad_user_memory();
    bad_user_memory(const bad_user_memory &) = delete;
    bad_user_memory &operator=(const bad_user_memory &) = delete;
};

/// A signal for a task, which ends its interruptible sleeps until it is flushed.
void send_signal(task_struct *task, int signal);
void flush_signals(task_struct *task);

/// The level of a line that goes on with the one before (KERN_CONT); the others are 0 to 7.
inline constexpr int continued = -1;
/// Gets every line that is printed, without its level and its end.
using printk_sink = std::function<void(int level, std::string_view line)>;
/// Replaces what prints to stderr; an empty sink brings it back.
void set_printk_sink(printk_sink sink);

} // namespace kctx::host
