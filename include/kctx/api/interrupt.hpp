// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupt lines: requesting, freeing, disabling.
/// @par Kernel source
/// include/linux/interrupt.h, kernel/irq/manage.c (6.12).
#pragma once

#include <kctx/api/handler.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

/// What a handler returns.
enum irqreturn_t : int { IRQ_NONE = 0, IRQ_HANDLED = 1, IRQ_WAKE_THREAD = 2 };

/// The flags of request_irq() as a type: some of them decide the context of the handler.
template <unsigned long Flags> struct irqf {
    /// PREEMPT_RT leaves such a handler in hard irq context (kernel/irq/manage.c,
    /// irq_setup_forced_threading()).
    static constexpr bool no_thread = (Flags & (0x10000 | 0x400)) != 0;
    /// The primary handler of a one-shot line is a hard irq too.
    static constexpr bool oneshot = (Flags & 0x2000) != 0;
};
template <unsigned long A, unsigned long B>
constexpr irqf<A | B> operator|(irqf<A>, irqf<B>) noexcept
{
    return {};
}

/// Flags of request_irq(): what the line's trigger is, who shares it, and what PREEMPT_RT may do
/// with the handler: IRQF_NO_THREAD, IRQF_PERCPU and IRQF_ONESHOT keep it in a hard irq. The values
/// are those of include/linux/interrupt.h.
inline constexpr irqf<0x0> IRQF_TRIGGER_NONE{};
inline constexpr irqf<0x1> IRQF_TRIGGER_RISING{};
inline constexpr irqf<0x2> IRQF_TRIGGER_FALLING{};
inline constexpr irqf<0x4> IRQF_TRIGGER_HIGH{};
inline constexpr irqf<0x8> IRQF_TRIGGER_LOW{};
inline constexpr irqf<0x80> IRQF_SHARED{};
inline constexpr irqf<0x100> IRQF_PROBE_SHARED{};
inline constexpr irqf<0x400> IRQF_PERCPU{};
inline constexpr irqf<0x800> IRQF_NOBALANCING{};
inline constexpr irqf<0x2000> IRQF_ONESHOT{};
inline constexpr irqf<0x4000> IRQF_NO_SUSPEND{};
inline constexpr irqf<0x10000> IRQF_NO_THREAD{};
inline constexpr irqf<0x20000> IRQF_EARLY_RESUME{};
inline constexpr irqf<0x80000> IRQF_NO_AUTOEN{};
inline constexpr irqf<0x14200> IRQF_TIMER{};

/// A handler as the kernel calls it: without a token.
using irq_handler_t = irqreturn_t (*)(int, void *);

/// The number of a line whose type says whose it is: `irq_of<card> irq;`. Its handlers take the
/// token CallbackOf<irq_of<card>, ThreadedIrqCtx>, or IrqCtx, and do not wait for themselves.
template <class Device> class irq_of
{
    unsigned int irq_ = 0;

public:
    constexpr irq_of() noexcept = default;
    constexpr explicit irq_of(unsigned int irq) noexcept : irq_(irq) {}
    constexpr operator unsigned int() const noexcept { return irq_; }
    /// Whether a callback in context C would wait for itself.
    template <class C> static constexpr bool awaited_in = detail::waits_for_callback<irq_of, C>;
};

namespace detail {
/// The line that a handler names in its token; never defined.
template <class Device, class C>
irq_of<Device> named_line(irqreturn_t (*)(CallbackOf<irq_of<Device>, C>, int, void *));
/// What a handler's line must be given as, and the token that it gets in context C.
template <auto H> struct line_of {
    using type = unsigned int;
    template <class C> using token = C;
};
template <auto H>
    requires requires { named_line(H); }
struct line_of<H> {
    using type = decltype(named_line(H));
    template <class C> using token = CallbackOf<type, C>;
};
template <auto H> using line_for = typename line_of<H>::type;
template <auto H, class C> using irq_token_in = typename line_of<H>::template token<C>;
/// The line of a handler and its thread, one of which may name it.
template <class A, class B> struct one_line;
template <class A> struct one_line<A, A> {
    using type = A;
};
template <class A> struct one_line<A, unsigned int> {
    using type = A;
};
template <class B> struct one_line<unsigned int, B> {
    using type = B;
};
template <> struct one_line<unsigned int, unsigned int> {
    using type = unsigned int;
};
template <auto H, auto Thread>
using line_for_both = typename one_line<line_for<H>, line_for<Thread>>::type;
/// A handler names a line, and is requested for another.
template <class Line, auto H>
concept other_line = !__is_same(line_for<H>, unsigned int) && !__is_same(line_for<H>, Line);
/// One of several does.
template <class Line, class... Handler> inline constexpr bool other_lines = false;
template <class Line, auto... H>
inline constexpr bool other_lines<Line, handler_t<H>...> = (other_line<Line, H> || ...);
template <class Line, auto H>
inline constexpr bool other_lines<Line, decltype(nullptr), handler_t<H>> = other_line<Line, H>;

template <bool Hard> struct irq_context {
    using type = IrqCtx;
};
template <> struct irq_context<true> {
    using type = HardIrqCtx;
};
/// The context of a handler: for one that may be threaded it is IrqCtx, but a handler written for
/// a true hard irq fits as well.
template <auto H, bool Hard>
using irq_token =
    irq_token_in<H, typename irq_context<
                        Hard || takes_token<H, irq_token_in<H, HardIrqCtx>, int, void *>>::type>;
template <auto H, bool Hard>
inline constexpr irq_handler_t irq_thunk =
    thunk_for<H, irq_token<H, Hard>, irqreturn_t, int, void *>;

template <auto H, bool Hard>
concept irq_handler = handles<H, irq_token<H, Hard>, int, void *>;
template <auto H> using thread_token = irq_token_in<H, ThreadedIrqCtx>;
template <auto H>
inline constexpr irq_handler_t thread_thunk =
    thunk_for<H, thread_token<H>, irqreturn_t, int, void *>;
template <auto H>
concept irq_thread = handles<H, thread_token<H>, int, void *>;
/// Flags that go without a primary handler; with others request_threaded_irq() returns -EINVAL.
#ifdef KCTX_UNCHECKED
template <unsigned long F>
concept thread_suffices = true;
#else
template <unsigned long F>
concept thread_suffices = irqf<F>::oneshot;
#endif
} // namespace detail

#define KCTX_IRQ_SETUP_FIX "do it at probe time, or queue a work item"
#define KCTX_IRQ_WAIT_FIX "disable_irq_nosync() in the handler, and wait in process context"

KCTX_CONTRACT(sleeps, request_irq, "allocates the action and takes the line's mutex",
              KCTX_IRQ_SETUP_FIX, "kernel/irq/manage.c request_threaded_irq()")
KCTX_CONTRACT(sleeps, request_threaded_irq, "allocates the action and starts the thread",
              KCTX_IRQ_SETUP_FIX, "kernel/irq/manage.c request_threaded_irq()")
/// What request_irq() asks of its handler, for texts of errors.
#define KCTX_IRQ_CONTEXT "an IrqCtx, with IRQF_NO_THREAD or IRQF_PERCPU a HardIrqCtx"
/// What request_threaded_irq() asks of its handlers, for texts of errors.
#define KCTX_IRQ_CONTEXTS "a HardIrqCtx, and its thread in a ThreadedIrqCtx"
// kernel/irq/manage.c, __setup_irq(): "Threaded irq requested with handler=NULL and !ONESHOT".
#define KCTX_TEXT_oneshot                                                                          \
    "kctx[irq-oneshot]: in any context request_threaded_irq() without a primary handler lets the " \
    "line interrupt again before the thread has served it; fix: IRQF_ONESHOT"
#define KCTX_TEXT_other_line                                                                       \
    "kctx[handler-context]: in any context a handler that names its line is requested for that "   \
    "line alone; fix: give the irq_of<> of its token, or have it name none"
namespace call {
struct irq_handler_errors {
    KCTX_ERROR_TYPE(request_irq, KCTX_TEXT_handler(request_irq, KCTX_IRQ_CONTEXT))
    KCTX_ERROR_TYPE(request_threaded_irq,
                    KCTX_TEXT_handler(request_threaded_irq, KCTX_IRQ_CONTEXTS))
    KCTX_ERROR_TYPE(oneshot, KCTX_TEXT_oneshot)
    KCTX_ERROR_TYPE(other_line, KCTX_TEXT_other_line)
};
} // namespace call
namespace env::inline KCTX_ENV_NAMESPACE {
int request_threaded_irq(unsigned int irq, irq_handler_t primary, irq_handler_t thread,
                         unsigned long flags, const char *name, void *dev) noexcept;
}

/// Has @p H called on interrupt @p irq: in IrqCtx, or HardIrqCtx with IRQF_NO_THREAD, IRQF_PERCPU.
/// Returns 0 or -errno.
template <may<call::request_irq> C, auto H, unsigned long F>
    requires detail::irq_handler<H, irqf<F>::no_thread>
KCTX_ALWAYS_INLINE int request_irq(C, detail::line_for<H> irq, handler_t<H>, irqf<F>,
                                   const char *name, void *dev) noexcept KCTX_EXCLUDES_sleep
{
    return env::request_threaded_irq(irq, detail::irq_thunk<H, irqf<F>::no_thread>, nullptr, F,
                                     name, dev);
}
/// Has @p H called in hard irq context, and @p Thread in ThreadedIrqCtx when H returns
/// IRQ_WAKE_THREAD.
template <may<call::request_threaded_irq> C, auto H, auto Thread, unsigned long F>
    requires(detail::irq_handler<H, true> && detail::irq_thread<Thread>)
KCTX_ALWAYS_INLINE int request_threaded_irq(C, detail::line_for_both<H, Thread> irq, handler_t<H>,
                                            handler_t<Thread>, irqf<F>, const char *name,
                                            void *dev) noexcept KCTX_EXCLUDES_sleep
{
    return env::request_threaded_irq(irq, detail::irq_thunk<H, true>, detail::thread_thunk<Thread>,
                                     F, name, dev);
}
/// The same without a primary handler: the line needs IRQF_ONESHOT.
template <may<call::request_threaded_irq> C, auto Thread, unsigned long F>
    requires(detail::irq_thread<Thread> && detail::thread_suffices<F>)
KCTX_ALWAYS_INLINE int request_threaded_irq(C, detail::line_for<Thread> irq, decltype(nullptr),
                                            handler_t<Thread>, irqf<F>, const char *name,
                                            void *dev) noexcept KCTX_EXCLUDES_sleep
{
    return env::request_threaded_irq(irq, nullptr, detail::thread_thunk<Thread>, F, name, dev);
}

KCTX_REJECTED(sleeps, (int), request_irq,
              (C, unsigned int, handler_t<H>, irqf<F>, const char *, void *),
              "allocates the action and takes the line's mutex", KCTX_IRQ_SETUP_FIX, auto H,
              unsigned long F)
KCTX_REJECTED(sleeps, (int), request_threaded_irq,
              (C, unsigned int, Primary, handler_t<Thread>, irqf<F>, const char *, void *),
              "allocates the action and starts the thread", KCTX_IRQ_SETUP_FIX, class Primary,
              auto Thread, unsigned long F)
#ifndef KCTX_UNCHECKED
template <may<call::request_irq> C, auto H, unsigned long F>
    requires(!detail::irq_handler<H, irqf<F>::no_thread>)
KCTX_ERROR(KCTX_TEXT_handler(request_irq, KCTX_IRQ_CONTEXT))
int request_irq KCTX_ERROR_PARAMS((C, unsigned int, handler_t<H>, irqf<F>, const char *, void *),
                                  call::irq_handler_errors::template request_irq<handler_t<H>>);
template <may<call::request_threaded_irq> C, auto H, auto Thread, unsigned long F>
    requires(!(detail::irq_handler<H, true> && detail::irq_thread<Thread>))
KCTX_ERROR(KCTX_TEXT_handler(request_threaded_irq, KCTX_IRQ_CONTEXTS))
int request_threaded_irq KCTX_ERROR_PARAMS(
    (C, unsigned int, handler_t<H>, handler_t<Thread>, irqf<F>, const char *, void *),
    call::irq_handler_errors::template request_threaded_irq<void(handler_t<H>, handler_t<Thread>)>);
template <may<call::request_threaded_irq> C, auto Thread, unsigned long F>
    requires(!detail::irq_thread<Thread>)
KCTX_ERROR(KCTX_TEXT_handler(request_threaded_irq, KCTX_IRQ_CONTEXTS))
int request_threaded_irq
    KCTX_ERROR_PARAMS((C, unsigned int, decltype(nullptr), handler_t<Thread>, irqf<F>, const char *,
                       void *),
                      call::irq_handler_errors::template request_threaded_irq<handler_t<Thread>>);
template <may<call::request_threaded_irq> C, auto Thread, unsigned long F>
    requires(detail::irq_thread<Thread> && !detail::thread_suffices<F>)
KCTX_ERROR(KCTX_TEXT_oneshot)
int request_threaded_irq
    KCTX_ERROR_PARAMS((C, unsigned int, decltype(nullptr), handler_t<Thread>, irqf<F>, const char *,
                       void *),
                      call::irq_handler_errors::template oneshot<handler_t<Thread>>);
#endif

#ifndef KCTX_UNCHECKED
template <may<call::request_irq> C, class Line, auto H, class Flags>
    requires detail::other_line<Line, H>
KCTX_ERROR(KCTX_TEXT_other_line)
int request_irq KCTX_ERROR_PARAMS((C, Line, handler_t<H>, Flags, const char *, void *),
                                  call::irq_handler_errors::template other_line<call::request_irq>);
template <may<call::request_threaded_irq> C, class Line, class Primary, auto Thread, class Flags>
    requires detail::other_lines<Line, Primary, handler_t<Thread>>
KCTX_ERROR(KCTX_TEXT_other_line)
int request_threaded_irq
    KCTX_ERROR_PARAMS((C, Line, Primary, handler_t<Thread>, Flags, const char *, void *),
                      call::irq_handler_errors::template other_line<call::request_threaded_irq>);
#endif

// The flags as the literal 0, which converts to this pointer and nothing else does.
namespace detail {
using no_irqf = const struct no_irq_flags *;
} // namespace detail
template <may<call::request_irq> C, auto H>
    requires detail::irq_handler<H, false>
KCTX_ALWAYS_INLINE int request_irq(C ctx, detail::line_for<H> irq, handler_t<H> h, detail::no_irqf,
                                   const char *name, void *dev) noexcept KCTX_EXCLUDES_sleep
{
    return request_irq(ctx, irq, h, IRQF_TRIGGER_NONE, name, dev);
}
template <may<call::request_threaded_irq> C, auto H, auto Thread>
    requires(detail::irq_handler<H, true> && detail::irq_thread<Thread>)
KCTX_ALWAYS_INLINE int request_threaded_irq(C ctx, detail::line_for_both<H, Thread> irq,
                                            handler_t<H> h, handler_t<Thread> thread,
                                            detail::no_irqf, const char *name,
                                            void *dev) noexcept KCTX_EXCLUDES_sleep
{
    return request_threaded_irq(ctx, irq, h, thread, IRQF_TRIGGER_NONE, name, dev);
}
KCTX_REJECTED(sleeps, (int), request_irq,
              (C, unsigned int, handler_t<H>, detail::no_irqf, const char *, void *),
              "allocates the action and takes the line's mutex", KCTX_IRQ_SETUP_FIX, auto H)
KCTX_REJECTED(sleeps, (int), request_threaded_irq,
              (C, unsigned int, Primary, handler_t<Thread>, detail::no_irqf, const char *, void *),
              "allocates the action and starts the thread", KCTX_IRQ_SETUP_FIX, class Primary,
              auto Thread)
#ifndef KCTX_UNCHECKED
template <may<call::request_irq> C, auto H>
    requires(!detail::irq_handler<H, false>)
KCTX_ERROR(KCTX_TEXT_handler(request_irq, KCTX_IRQ_CONTEXT))
int request_irq
    KCTX_ERROR_PARAMS((C, unsigned int, handler_t<H>, detail::no_irqf, const char *, void *),
                      call::irq_handler_errors::template request_irq<handler_t<H>>);
template <may<call::request_threaded_irq> C, auto H, auto Thread>
    requires(!(detail::irq_handler<H, true> && detail::irq_thread<Thread>))
KCTX_ERROR(KCTX_TEXT_handler(request_threaded_irq, KCTX_IRQ_CONTEXTS))
int request_threaded_irq KCTX_ERROR_PARAMS(
    (C, unsigned int, handler_t<H>, handler_t<Thread>, detail::no_irqf, const char *, void *),
    call::irq_handler_errors::template request_threaded_irq<void(handler_t<H>, handler_t<Thread>)>);
template <may<call::request_threaded_irq> C, auto Thread>
KCTX_ERROR(KCTX_TEXT_oneshot)
int request_threaded_irq
    KCTX_ERROR_PARAMS((C, unsigned int, decltype(nullptr), handler_t<Thread>, detail::no_irqf,
                       const char *, void *),
                      call::irq_handler_errors::template oneshot<handler_t<Thread>>);
#endif

#ifdef KCTX_PLAIN_CALLS
template <auto H>
    requires detail::irq_handler<H, false>
KCTX_ALWAYS_INLINE int request_irq(detail::line_for<H> irq, handler_t<H>, detail::no_irqf,
                                   const char *name, void *dev) noexcept
{
    return env::request_threaded_irq(irq, detail::irq_thunk<H, false>, nullptr, 0, name, dev);
}
template <auto H, unsigned long F>
    requires detail::irq_handler<H, irqf<F>::no_thread>
KCTX_ALWAYS_INLINE int request_irq(unsigned int irq, handler_t<H>, irqf<F>, const char *name,
                                   void *dev) noexcept
{
    return env::request_threaded_irq(irq, detail::irq_thunk<H, irqf<F>::no_thread>, nullptr, F,
                                     name, dev);
}
#else
KCTX_NO_TOKEN(request_irq)
KCTX_NO_TOKEN(request_threaded_irq)
#endif

/// Gives the line back; waits for a running handler. Returns the name it was requested with.
KCTX_CALL(sleeps, const void *, free_irq, (unsigned int irq, void *dev), (irq, dev),
          "waits until the handler has finished", KCTX_IRQ_SETUP_FIX,
          "kernel/irq/manage.c free_irq()")
/// Disables the line and waits for a running handler.
KCTX_CALL(sleeps, void, disable_irq, (unsigned int irq), (irq),
          "waits until the handler has finished", KCTX_IRQ_WAIT_FIX,
          "kernel/irq/manage.c disable_irq()")
/// Waits for a running handler.
KCTX_CALL(sleeps, void, synchronize_irq, (unsigned int irq), (irq),
          "waits until the handler has finished", KCTX_IRQ_WAIT_FIX,
          "kernel/irq/manage.c synchronize_irq()")
KCTX_WAITS_FOR_NAMED(const void *, free_irq, (C, Name, void *))
KCTX_WAITS_FOR_NAMED(void, disable_irq, (C, Name))
KCTX_WAITS_FOR_NAMED(void, synchronize_irq, (C, Name))
/// Disables the line and does not wait.
KCTX_CALL(spins, void, disable_irq_nosync, (unsigned int irq), (irq), "takes the line's raw lock",
          "irq_work_queue() it", "kernel/irq/manage.c disable_irq_nosync()")
/// Disables the line and waits for the hard irq part of a running handler, by spinning; false if
/// its thread runs still.
KCTX_CALL(spins, bool, disable_hardirq, (unsigned int irq), (irq),
          "spins until the hard irq handler has finished", "irq_work_queue() it",
          "kernel/irq/manage.c disable_hardirq()")
/// The same of a line that is not disabled.
KCTX_CALL(spins, bool, synchronize_hardirq, (unsigned int irq), (irq),
          "spins until the hard irq handler has finished", "irq_work_queue() it",
          "kernel/irq/manage.c synchronize_hardirq()")
KCTX_WAITS_FOR_NAMED(bool, disable_hardirq, (C, Name))
KCTX_WAITS_FOR_NAMED(bool, synchronize_hardirq, (C, Name))
/// Whether the line may wake the system: 0 or -errno.
KCTX_CALL(spins, int, irq_set_irq_wake, (unsigned int irq, unsigned int on), (irq, on),
          "takes the line's raw lock", "irq_work_queue() it",
          "kernel/irq/manage.c irq_set_irq_wake()")
/// Which CPUs the line interrupts: 0 or -errno.
KCTX_CALL(spins, int, irq_set_affinity, (unsigned int irq, const void *cpus), (irq, cpus),
          "takes the line's raw lock", "irq_work_queue() it",
          "kernel/irq/manage.c irq_set_affinity()")
/// Undoes one disabling of the line.
KCTX_CALL(spins, void, enable_irq, (unsigned int irq), (irq), "takes the line's raw lock",
          "irq_work_queue() it", "kernel/irq/manage.c enable_irq()")
/// Wakes the thread of a threaded line.
KCTX_CALL(spins, void, irq_wake_thread, (unsigned int irq, void *dev), (irq, dev),
          "takes the line's raw lock", "irq_work_queue() it",
          "kernel/irq/manage.c irq_wake_thread()")

} // namespace kctx
