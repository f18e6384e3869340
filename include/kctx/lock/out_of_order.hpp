// SPDX-License-Identifier: BSL-1.0
/// @file
/// Leaving the outer of two sections first: hand-over-hand locking, a lock that outlasts the RCU
/// read side in which it was found. What is left is the inner section in the outer context:
/// `spin_unlock(SpinLocked<B, SpinLocked<A, C>>, &a)` gives a `SpinLocked<B, C>`.
///
/// Interrupts that the outer lock turned off stay off, and belong to the inner lock then:
/// `spin_unlock(SpinLocked<B, SpinLockedIrqsave<A, C>>, &a)` gives a `SpinLockedIrqsave<B, C>`.
///
/// Two locks of one type need none of this: what is left is the same, whichever was left.
/// @par Kernel source
/// fs/dcache.c, d_walk(); kernel/signal.c, __lock_task_sighand(); kernel/locking/rtmutex.c,
/// rt_mutex_adjust_prio_chain() (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/mutex.hpp>
#include <kctx/lock/rcu.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/rwsem.hpp>
#include <kctx/lock/spinlock_irq.hpp>

// The inner section alone closes now what the two have closed.
#define KCTX_LEFT_FIRST_(Left, ...)                                                                \
    noexcept KCTX_EFFECT_spin KCTX_RELEASE(__VA_ARGS__)                                            \
        KCTX_ACQUIRE(KCTX_CLOSES(KCTX_ARGS Left)) KCTX_NO_ANALYSIS

/// Lets @p unlock_fn leave a `Held<L, C>` before the section that was entered in it.
#define KCTX_UNLOCK_FIRST(Held, unlock_fn)                                                         \
    template <template <class, class> class Inner, class B, class C, class A>                      \
        requires(!__is_same(Inner<B, C>, Held<A, C>))                                              \
    KCTX_ALWAYS_INLINE Inner<B, C> unlock_fn(Inner<B, Held<A, C>>, A *lock)                                    \
        KCTX_LEFT_FIRST_((Inner<B, C>), lock, KCTX_CLOSES(Held<A, C>),                             \
                         KCTX_CLOSES(Inner<B, Held<A, C>>))                                        \
    {                                                                                              \
        env::unlock_fn(lock);                                                                      \
        return detail::mint::make<Inner<B, C>>();                                                  \
    }
/// Lets @p unlock_fn leave a `Saving<A, C>` and hand the interrupts to the `Held` in it.
#define KCTX_UNLOCK_HANDING_OVER(Held, Saving, unlock_fn)                                          \
    template <class B, class C, class A>                                                           \
        requires(!__is_same(B, A))                                                                 \
    KCTX_ALWAYS_INLINE Saving<B, C> unlock_fn(Held<B, Saving<A, C>>, A *lock)                                  \
        KCTX_LEFT_FIRST_((Saving<B, C>), lock, KCTX_CLOSES(Saving<A, C>),                          \
                         KCTX_CLOSES(Held<B, Saving<A, C>>))                                       \
    {                                                                                              \
        env::unlock_fn(lock);                                                                      \
        return detail::mint::make<Saving<B, C>>();                                                 \
    }

namespace kctx {

KCTX_UNLOCK_FIRST(RawSpinLocked, raw_spin_unlock)
KCTX_UNLOCK_FIRST(SpinLocked, spin_unlock)
KCTX_UNLOCK_FIRST(ReadLocked, read_unlock)
KCTX_UNLOCK_FIRST(WriteLocked, write_unlock)
KCTX_UNLOCK_FIRST(MutexLocked, mutex_unlock)
KCTX_UNLOCK_FIRST(RwsemReadLocked, up_read)
KCTX_UNLOCK_FIRST(RwsemWriteLocked, up_write)
KCTX_UNLOCK_HANDING_OVER(RawSpinLocked, RawSpinLockedIrqsave, raw_spin_unlock)
KCTX_UNLOCK_HANDING_OVER(RawSpinLocked, RawSpinLockedIrq, raw_spin_unlock)
KCTX_UNLOCK_HANDING_OVER(SpinLocked, SpinLockedIrqsave, spin_unlock)
KCTX_UNLOCK_HANDING_OVER(SpinLocked, SpinLockedIrq, spin_unlock)

/// Leaves the read side, in which the lock of @p Inner was found and taken.
template <template <class, class> class Inner, class L, class C>
KCTX_ALWAYS_INLINE Inner<L, C> rcu_read_unlock(Inner<L, RcuReader<C>>)
    KCTX_LEFT_FIRST_((Inner<L, C>), KCTX_CLOSES(RcuReader<C>), KCTX_CLOSES(Inner<L, RcuReader<C>>))
{
    env::rcu_read_unlock();
    return detail::mint::make<Inner<L, C>>();
}

} // namespace kctx
