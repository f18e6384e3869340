// SPDX-License-Identifier: BSL-1.0
/// @file
/// Context tokens: empty objects that say, in their type, where code runs. Handlers, entry points
/// and sections hand them out; nothing else can make one.
#pragma once

#include <kctx/core/wait_type.hpp>

namespace kctx {

/// What holds for the CPU and the task while a context lasts, in the words of
/// include/linux/preempt.h.
struct context_state {
    wait_type allows = wait_type::sleep; ///< the deepest wait it bears
    bool nmi = false;                    ///< in_nmi()
    bool hardirq = false;                ///< in_hardirq()
    bool serving_softirq = false;        ///< in_serving_softirq()
    bool bh_disabled = false;            ///< local_bh_disable() is in force
    bool irqs_disabled = false;          ///< irqs_disabled()
    bool preempt_disabled = false;       ///< preempt_count() holds a preemption level
    bool migrate_disabled = false;       ///< the task stays on its CPU although it may be preempted
    bool rcu_reader = false;             ///< inside rcu_read_lock(); PREEMPT_RT's locks imply it
    bool user_memory = false;            ///< current->mm is the caller's own: a system call
    bool noio = false;                   ///< inside memalloc_noio_save()
    bool nofs = false;                   ///< inside memalloc_nofs_save()
    bool threaded_on_rt = false;         ///< a hard irq that PREEMPT_RT would run in a thread
};

namespace detail {
struct token_base {};
struct mint { // the only maker of tokens
    template <class C> static constexpr C make() noexcept
    {
        if constexpr (requires { typename C::outer; })
            return C(mint{});
        else
            return C{};
    }
};

/// What a context that the kernel enters is without PREEMPT_RT and with it.
template <const context_state &Off, const context_state &Rt> struct entry : token_base {
    static constexpr context_state at(bool rt) noexcept { return rt ? Rt : Off; }
};

inline constexpr context_state task{};
inline constexpr context_state syscall{.user_memory = true};
inline constexpr context_state hardirq{
    .allows = wait_type::spin, .hardirq = true, .irqs_disabled = true};
/// A hard irq that PREEMPT_RT threads: lockdep allows config in it on either kernel.
inline constexpr context_state threadable{
    .allows = wait_type::config, .hardirq = true, .irqs_disabled = true, .threaded_on_rt = true};
/// That thread, an RCU reader with bottom halves off (kernel/irq/manage.c, irq_forced_thread_fn()).
inline constexpr context_state forced_thread{
    .allows = wait_type::config, .bh_disabled = true, .migrate_disabled = true, .rcu_reader = true};
inline constexpr context_state softirq{
    .allows = wait_type::config, .serving_softirq = true, .migrate_disabled = true};
/// PREEMPT_RT serves softirqs in an RCU reader (kernel/softirq.c, __local_bh_disable_ip()).
inline constexpr context_state softirq_thread{.allows = wait_type::config,
                                              .serving_softirq = true,
                                              .migrate_disabled = true,
                                              .rcu_reader = true};
/// One thread of each CPU runs them, in a sleeping lock's manner (kernel/irq_work.c).
inline constexpr context_state irq_work_thread{
    .allows = wait_type::config, .migrate_disabled = true, .rcu_reader = true};
inline constexpr context_state nmi{
    .allows = wait_type::free, .nmi = true, .hardirq = true, .irqs_disabled = true};
inline constexpr context_state stopped{
    .allows = wait_type::spin, .irqs_disabled = true, .preempt_disabled = true};
inline constexpr context_state idle{.allows = wait_type::spin, .preempt_disabled = true};
} // namespace detail

/// A context token.
template <class C>
concept context = __is_base_of(detail::token_base, C);

/// Defines a context by its state without PREEMPT_RT and with it.
#define KCTX_CONTEXT(Name, off, rt)                                                                \
    class Name : public detail::entry<off, rt>                                                     \
    {                                                                                              \
        friend detail::mint;                                                                       \
        Name() = default;                                                                          \
    }

/// A system call: process context that may touch the caller's memory.
KCTX_CONTEXT(SyscallCtx, detail::syscall, detail::syscall);
/// A kernel thread (kthread_run()).
KCTX_CONTEXT(KthreadCtx, detail::task, detail::task);
/// A work item (INIT_WORK(), INIT_DELAYED_WORK()): a kworker runs it, so it is process context.
KCTX_CONTEXT(WorkCtx, detail::task, detail::task);
/// The thread function of request_threaded_irq().
KCTX_CONTEXT(ThreadedIrqCtx, detail::task, detail::task);

/// Process context of no particular kind: module init, probe, a helper that may sleep.
/// Any of the kinds converts to it.
class ProcessCtx : public detail::entry<detail::task, detail::task>
{
    friend detail::mint;
    ProcessCtx() = default;

public:
    constexpr ProcessCtx(SyscallCtx) noexcept {}
    constexpr ProcessCtx(KthreadCtx) noexcept {}
    constexpr ProcessCtx(WorkCtx) noexcept {}
    constexpr ProcessCtx(ThreadedIrqCtx) noexcept {}
};

/// An interrupt handler that PREEMPT_RT forces into a thread: request_irq() without
/// IRQF_NO_THREAD, IRQF_PERCPU or IRQF_ONESHOT.
KCTX_CONTEXT(IrqCtx, detail::threadable, detail::forced_thread);
/// A true hard irq on every kernel: IRQF_NO_THREAD, IRQF_PERCPU, the primary handler of a
/// threaded irq, a chained handler.
KCTX_CONTEXT(HardIrqCtx, detail::hardirq, detail::hardirq);
/// A function that smp_call_function() runs on another CPU: a hard irq.
KCTX_CONTEXT(SmpCallCtx, detail::hardirq, detail::hardirq);
/// An irq_work without IRQ_WORK_HARD_IRQ: a hard irq, on PREEMPT_RT the irq_work thread.
KCTX_CONTEXT(IrqWorkCtx, detail::threadable, detail::irq_work_thread);
/// An NMI handler.
KCTX_CONTEXT(NmiCtx, detail::nmi, detail::nmi);
/// A softirq action (open_softirq()).
KCTX_CONTEXT(SoftirqCtx, detail::softirq, detail::softirq_thread);
/// A NAPI poll function: a softirq.
KCTX_CONTEXT(NapiCtx, detail::softirq, detail::softirq_thread);
/// A tasklet function: a softirq.
KCTX_CONTEXT(TaskletCtx, detail::softirq, detail::softirq_thread);
/// A timer_list callback: a softirq.
KCTX_CONTEXT(TimerCtx, detail::softirq, detail::softirq_thread);
/// A work item of a WQ_BH workqueue (6.9 and later): a softirq.
KCTX_CONTEXT(BhWorkCtx, detail::softirq, detail::softirq_thread);
/// A call_rcu() callback: a softirq, on PREEMPT_RT the rcuc thread with bottom halves off.
KCTX_CONTEXT(RcuCallbackCtx, detail::softirq, detail::forced_thread);
/// A stop_machine() function: every CPU stands still with interrupts off.
KCTX_CONTEXT(StopMachineCtx, detail::stopped, detail::stopped);
/// The idle task: schedule() is its own, and it may never block.
KCTX_CONTEXT(IdleCtx, detail::idle, detail::idle);

struct hard;   ///< HRTIMER_MODE_*_HARD: expires in a hard irq on every kernel
struct soft;   ///< HRTIMER_MODE_*_SOFT: expires in a softirq
struct either; ///< neither given: a hard irq, on PREEMPT_RT a softirq
namespace detail {
template <class Expiry> inline constexpr context_state hrtimer_off = threadable;
template <class Expiry> inline constexpr context_state hrtimer_rt = softirq_thread;
template <> inline constexpr context_state hrtimer_off<hard> = hardirq;
template <> inline constexpr context_state hrtimer_rt<hard> = hardirq;
template <> inline constexpr context_state hrtimer_off<soft> = softirq;
} // namespace detail
template <class Expiry = either>
KCTX_CONTEXT(HrtimerCtx, detail::hrtimer_off<Expiry>, detail::hrtimer_rt<Expiry>);

namespace detail {
#ifdef KCTX_UNCHECKED
constexpr bool checks_nothing = true;
#else
constexpr bool checks_nothing = false;
#endif
constexpr bool checks_off = KCTX_PREEMPT_RT != KCTX_RT_ON; // a kernel without PREEMPT_RT is meant
constexpr bool checks_rt = KCTX_PREEMPT_RT != KCTX_RT_OFF; // one with it is
template <class C> inline constexpr context_state state_off = C::at(false);
template <class C> inline constexpr context_state state_rt = C::at(true);
} // namespace detail

/// Whether code in context @p C may wait up to level @p Needs on every kernel asked about.
/// For helpers of drivers: `void reset(allows<wait_type::sleep> auto ctx)`.
template <class C, wait_type Needs>
concept allows =
    context<C> && (!detail::checks_off || bears(detail::state_off<C>.allows, Needs, false)) &&
    (!detail::checks_rt || bears(detail::state_rt<C>.allows, Needs, true));

/// Enters a context by decree: for code that knows better than its types, and says why.
template <context C> constexpr C assume_context([[maybe_unused]] const char *reason) noexcept
{
    return detail::mint::make<C>();
}

} // namespace kctx
