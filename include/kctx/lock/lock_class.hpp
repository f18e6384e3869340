// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a lock's type says of it, once, and every function that takes the lock obeys. A type
/// derived from one of the kernel's locks is a class of locks as lockdep has them:
///
///     struct card_lock : kctx::mutex, kctx::lock_order<10> {};
///     struct rx_lock : kctx::spinlock_t, kctx::lock_order<20>, kctx::used_in<kctx::IrqCtx> {};
/// @par Kernel source
/// Documentation/locking/lockdep-design.rst; kernel/locking/lockdep.c, mark_usage(),
/// check_prev_add(), check_irq_usage() (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/local_lock.hpp>
#include <kctx/lock/nested.hpp>
#include <kctx/lock/percpu_rwsem.hpp>
#include <kctx/lock/rt_mutex.hpp>
#include <kctx/lock/seqlock.hpp>
#include <kctx/lock/trylock.hpp>
#include <kctx/lock/ww_mutex.hpp>

namespace kctx {

namespace detail {

/// Whether the interrupt whose state is @p irq may come while @p s lasts. Softirqs of PREEMPT_RT
/// are threads, which may wait for the owner of a lock, and so are most of its handlers: there
/// lockdep does not look at them either (include/linux/irqflags.h, lockdep_softirq_enter()).
constexpr bool may_come(const context_state &irq, const context_state &s, bool rt) noexcept
{
    if (irq.hardirq)
        return !s.irqs_disabled;
    return irq.serving_softirq && !rt && !(s.irqs_disabled || s.bh_disabled || s.serving_softirq);
}
/// Whether @p s is that of an interrupt in this sense.
constexpr bool in_interrupt(const context_state &s, bool rt) noexcept
{
    return s.hardirq || (s.serving_softirq && !rt);
}
/// Whether who keeps out the interrupt @p irq keeps out the context with state @p s, too.
constexpr bool covers(const context_state &irq, const context_state &s, bool rt) noexcept
{
    return irq.hardirq || !in_interrupt(s, rt) || (irq.serving_softirq && !s.hardirq);
}

template <class C, class Object>
concept is_callback_of = __is_same(typename C::runs, Object);

} // namespace detail

/// Part of a lock's type: the contexts that take it beside process context. Elsewhere it must be
/// taken with these interrupts off: by spin_lock_irqsave(), against softirqs by spin_lock_bh(). A
/// lock whose type does not say is not checked; `used_in<ProcessCtx>` says that no interrupt takes
/// it.
template <context... C> struct used_in {
    /// Whether one of them may come while @p s lasts.
    static constexpr bool may_come(const context_state &s, bool rt) noexcept
    {
        return (detail::may_come(C::at(rt), s, rt) || ...);
    }
    /// Whether the context with state @p s is one of them, or kept out with them.
    static constexpr bool names(const context_state &s, bool rt) noexcept
    {
        return (detail::covers(C::at(rt), s, rt) || ...);
    }
    /// Whether the callback of @p Object is one of them (CallbackOf).
    template <class Object>
    static constexpr bool by_callback_of = (detail::is_callback_of<C, Object> || ...);
    /// Whether all of them are contexts that @p Other names.
    template <class Other> static constexpr bool named_by(bool rt) noexcept
    {
        return (Other::names(C::at(rt), rt) && ...);
    }
};

/// Part of a rwlock_t's type: used_in<>, by contexts that only read. Elsewhere only the writers
/// must keep them out.
template <context... C> struct read_in : used_in<C...> {};

/// Part of a lock's type: locks are taken in the order of these numbers, the smallest first. A lock
/// without a number may be taken anywhere; a trylock, which does not wait, too.
template <int Number> struct lock_order {
    static constexpr int number = Number; ///< its place: smaller numbers are taken first
};

namespace detail {

template <class L>
concept has_users = requires { typename L::used_in; };
template <class L>
concept reads_only = requires { typename L::read_in; };
template <class L>
concept has_order = requires { typename L::lock_order; };

enum class misuse : unsigned char { none, order, irq_unsafe };

/// What is wrong with waiting for the lock of @p Token where @p T and what is around it is held.
template <class Token, class T> constexpr misuse misuse_within(bool rt) noexcept
{
    if constexpr (requires { typename T::lock; }) {
        using L = typename Token::lock;
        using Outer = typename T::lock;
        if constexpr (!__is_same(L, Outer)) {
            if constexpr (has_order<L> && has_order<Outer>) {
                if (L::lock_order::number <= Outer::lock_order::number)
                    return misuse::order;
            }
            // An interrupt that takes the outer lock waits for the owner of this one, but not one
            // that reads what is held for reading.
            if constexpr (has_users<L> && has_users<Outer> &&
                          !(reads_only<Outer> && recursive<typename T::call>)) {
                if (!Outer::used_in::template named_by<typename L::used_in>(rt))
                    return misuse::irq_unsafe;
            }
        }
        return misuse_within<Token, typename T::outer>(rt);
    } else {
        return misuse::none;
    }
}
template <class Token, class Call> constexpr misuse misuse_on(bool rt) noexcept
{
    using L = typename Token::lock;
    // A call that needs nothing, a trylock, does not wait. Of those lockdep looks at what they
    // leave behind: a lock that an interrupt finds held.
    constexpr bool waits = Call::needs > wait_type::free;
    if constexpr (has_users<L>) {
        const context_state s = Token::at(rt);
        constexpr bool reader_among_readers = reads_only<L> && recursive<Call>;
        if (!reader_among_readers && L::used_in::may_come(s, rt))
            return misuse::irq_unsafe;
        const bool writes_there = reads_only<L> && !recursive<Call> && in_interrupt(s, rt);
        if (waits && (writes_there || !L::used_in::names(s, rt)))
            return misuse::irq_unsafe;
    }
    if constexpr (waits)
        return misuse_within<Token, typename Token::outer>(rt);
    else
        return misuse::none;
}
/// What the lock's type says against coming into @p Token by @p Call.
template <class Token, class Call> constexpr misuse misuse_of() noexcept
{
    const misuse off = checks_off ? misuse_on<Token, Call>(false) : misuse::none;
    return off == misuse::none && checks_rt ? misuse_on<Token, Call>(true) : off;
}
template <class L>
concept lock_class = has_users<L> || has_order<L>;
template <class L, misuse How, class Lock, template <class, class> class Held, class C, class Call>
concept misused = lock_of<L, Lock> && lock_class<L> && !checks_nothing &&
                  !waits_for_self<L, C, Call> && misuse_of<Held<L, C>, Call>() == How;

} // namespace detail

#define KCTX_TEXT_order                                                                            \
    "kctx[lock-order]: a lock of the same or a greater lock_order<> is held, and who takes the "   \
    "two the other way around deadlocks with this; fix: take this one first"
#define KCTX_TEXT_irq_unsafe                                                                       \
    "kctx[irq-unsafe-lock]: by its used_in<> an interrupt would wait for ever for who holds this " \
    "lock, or one outside it; fix: the _irqsave() form, against softirqs the _bh() form, or name " \
    "all that take it in used_in<>"
#if !defined(__clang__)
template <class Call, class Token> struct out_of_order {
    KCTX_UNAVAILABLE(KCTX_TEXT_order) out_of_order() noexcept;
};
template <class Call, class Token> struct irq_unsafe {
    KCTX_UNAVAILABLE(KCTX_TEXT_irq_unsafe) irq_unsafe() noexcept;
};
#endif

// The functions that take a lock, each with its token, and with what it takes beside the lock.
#define KCTX_LOCK_CLASS_(lock_t, Held, fn, result, ...)                                            \
    template <class L, class C>                                                                    \
        requires detail::lock_class<L>                                                             \
    inline constexpr bool detail::misuses<L, C, call::fn> =                                        \
        detail::misuse_of<Held<L, C>, call::fn>() != detail::misuse::none;                         \
    template <may<call::fn> C,                                                                     \
              detail::misused<detail::misuse::order, lock_t, Held, C, call::fn> L>                 \
    KCTX_ERROR(KCTX_TEXT_order)                                                                    \
    KCTX_ARGS result fn(C, L *__VA_ARGS__ KCTX_ERROR_ARG(::kctx::out_of_order<call::fn,            \
                                                                              Held<L, C>>));       \
    template <may<call::fn> C,                                                                     \
              detail::misused<detail::misuse::irq_unsafe, lock_t, Held, C, call::fn> L>            \
    KCTX_ERROR(KCTX_TEXT_irq_unsafe)                                                               \
    KCTX_ARGS result fn(C, L *__VA_ARGS__ KCTX_ERROR_ARG(::kctx::irq_unsafe<call::fn, Held<L, C>>));
/// Declares the errors of @p fn, which takes a lock_t: taken twice, out of order, or with
/// interrupts on although an interrupt takes it too. Behind the names: further parameters.
#define KCTX_LOCKS(lock_t, Held, fn, ...)                                                          \
    KCTX_LOCK_CLASS_(lock_t, Held, fn, (Held<L, C>)__VA_OPT__(, , ) __VA_ARGS__)
/// The same of a function that may fail: it returns a pointer to the token.
#define KCTX_TRIES(lock_t, Held, fn, ...)                                                          \
    KCTX_LOCK_CLASS_(lock_t, Held, fn, (const Held<L, C> *)__VA_OPT__(, , ) __VA_ARGS__)

KCTX_LOCKS(raw_spinlock_t, RawSpinLocked, raw_spin_lock)
KCTX_LOCKS(raw_spinlock_t, RawSpinLockedIrq, raw_spin_lock_irq)
KCTX_LOCKS(raw_spinlock_t, RawSpinLockedIrqsave, raw_spin_lock_irqsave, unsigned long &)
KCTX_LOCKS(raw_spinlock_t, RawSpinLockedBh, raw_spin_lock_bh)
KCTX_LOCKS(raw_spinlock_t, RawSpinLocked, raw_spin_lock_nested, unsigned int)
KCTX_TRIES(raw_spinlock_t, RawSpinLocked, raw_spin_trylock)
KCTX_LOCKS(spinlock_t, SpinLocked, spin_lock)
KCTX_LOCKS(spinlock_t, SpinLockedIrq, spin_lock_irq)
KCTX_LOCKS(spinlock_t, SpinLockedIrqsave, spin_lock_irqsave, unsigned long &)
KCTX_LOCKS(spinlock_t, SpinLockedBh, spin_lock_bh)
KCTX_LOCKS(spinlock_t, SpinLocked, spin_lock_nested, unsigned int)
KCTX_TRIES(spinlock_t, SpinLocked, spin_trylock)
KCTX_LOCKS(rwlock_t, ReadLocked, read_lock)
KCTX_LOCKS(rwlock_t, ReadLockedIrq, read_lock_irq)
KCTX_LOCKS(rwlock_t, ReadLockedIrqsave, read_lock_irqsave, unsigned long &)
KCTX_LOCKS(rwlock_t, ReadLockedBh, read_lock_bh)
KCTX_LOCKS(rwlock_t, WriteLocked, write_lock)
KCTX_LOCKS(rwlock_t, WriteLockedIrq, write_lock_irq)
KCTX_LOCKS(rwlock_t, WriteLockedIrqsave, write_lock_irqsave, unsigned long &)
KCTX_LOCKS(rwlock_t, WriteLockedBh, write_lock_bh)
KCTX_TRIES(rwlock_t, ReadLocked, read_trylock)
KCTX_TRIES(rwlock_t, WriteLocked, write_trylock)
KCTX_LOCKS(seqlock_t, SeqWriter, write_seqlock)
KCTX_LOCKS(seqlock_t, SeqWriterIrq, write_seqlock_irq)
KCTX_LOCKS(seqlock_t, SeqWriterIrqsave, write_seqlock_irqsave, unsigned long &)
KCTX_LOCKS(seqlock_t, SeqWriterBh, write_seqlock_bh)
KCTX_LOCKS(local_lock_t, LocalLocked, local_lock)
KCTX_LOCKS(local_lock_t, LocalLockedIrq, local_lock_irq)
KCTX_LOCKS(local_lock_t, LocalLockedIrqsave, local_lock_irqsave, unsigned long &)
KCTX_LOCKS(mutex, MutexLocked, mutex_lock)
KCTX_LOCKS(mutex, MutexLocked, mutex_lock_nested, unsigned int)
KCTX_TRIES(mutex, MutexLocked, mutex_lock_interruptible)
KCTX_TRIES(mutex, MutexLocked, mutex_lock_killable)
KCTX_LOCKS(rt_mutex, RtMutexLocked, rt_mutex_lock)
KCTX_TRIES(rt_mutex, RtMutexLocked, rt_mutex_lock_interruptible)
KCTX_LOCKS(ww_mutex, WwMutexLocked, ww_mutex_lock_slow)
KCTX_TRIES(ww_mutex, WwMutexLocked, ww_mutex_lock, ww_acquire_ctx *)
KCTX_LOCKS(rw_semaphore, RwsemReadLocked, down_read)
KCTX_LOCKS(rw_semaphore, RwsemReadLocked, down_read_nested, unsigned int)
KCTX_TRIES(rw_semaphore, RwsemReadLocked, down_read_interruptible)
KCTX_TRIES(rw_semaphore, RwsemReadLocked, down_read_killable)
KCTX_LOCKS(rw_semaphore, RwsemWriteLocked, down_write)
KCTX_LOCKS(rw_semaphore, RwsemWriteLocked, down_write_nested, unsigned int)
KCTX_TRIES(rw_semaphore, RwsemWriteLocked, down_write_killable)
KCTX_LOCKS(percpu_rw_semaphore, PercpuRwsemReadLocked, percpu_down_read)
KCTX_LOCKS(percpu_rw_semaphore, PercpuRwsemWriteLocked, percpu_down_write)

} // namespace kctx
