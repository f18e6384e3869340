// SPDX-License-Identifier: BSL-1.0
/// @file
/// Taking a second lock of a type that is held: of another object, a child's after its parent's.
/// lockdep calls what is held and what is taken two subclasses of one class; it must be the same
/// everywhere which of the two comes first.
/// @par Kernel source
/// include/linux/spinlock.h, include/linux/mutex.h, include/linux/rwsem.h; "Nested locking" in
/// Documentation/locking/lockdep-design.rst (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/mutex.hpp>
#include <kctx/lock/rwsem.hpp>
#include <kctx/lock/spinlock.hpp>

namespace kctx {

/// The subclass of a lock taken under one of the same type (include/linux/lockdep.h).
inline constexpr unsigned int SINGLE_DEPTH_NESTING = 1;

// The pair without tokens, or what is wrong without one, as KCTX_TOKENLESS().
#ifdef KCTX_PLAIN_CALLS
#define KCTX_PLAIN_NESTED(kind, lock_t, nested_fn, lock_fn)                                        \
    KCTX_ALWAYS_INLINE void nested_fn(lock_t *lock, unsigned int) noexcept KCTX_EFFECT(kind)                   \
        KCTX_EXCLUDES(kind)                                                                        \
    {                                                                                              \
        env::lock_fn(lock);                                                                        \
    }
#else
#define KCTX_PLAIN_NESTED(kind, lock_t, nested_fn, lock_fn) KCTX_NO_TOKEN(nested_fn)
#endif
/// Declares `nested_fn(ctx, L *, subclass)`, which takes a lock as @p lock_fn does.
#define KCTX_LOCK_NESTED(kind, lock_t, Held, nested_fn, lock_fn, why, fix, source)                 \
    KCTX_CONTRACT(kind, nested_fn, why, fix, source)                                               \
    template <may<call::nested_fn> C, detail::lock_of<lock_t> L>                                   \
        requires(detail::checks_nothing || !detail::misuses<L, C, call::nested_fn>)                \
    KCTX_SECTION_TOKEN_OF(nested_fn)                                                               \
    KCTX_ALWAYS_INLINE Held<L, C> nested_fn(C, L *lock, unsigned int) noexcept KCTX_EFFECT(kind)               \
        KCTX_EXCLUDES(kind) KCTX_ACQUIRE(lock, KCTX_CLOSES(Held<L, C>)) KCTX_NO_ANALYSIS           \
    {                                                                                              \
        env::lock_fn(lock);                                                                        \
        return detail::mint::make<Held<L, C>>();                                                   \
    }                                                                                              \
    template <forbidden<call::nested_fn> C, detail::lock_of<lock_t> L>                             \
    KCTX_ERROR(KCTX_TEXT_in(kind, nested_fn, why, fix))                                            \
    Held<L, C> nested_fn(C, L *,                                                                   \
                         unsigned int KCTX_ERROR_ARG(call::nested_fn::template in<C>));            \
    KCTX_PLAIN_NESTED(kind, lock_t, nested_fn, lock_fn)

/// raw_spin_lock() of a second raw_spinlock_t of its type.
KCTX_LOCK_NESTED(spins, raw_spinlock_t, RawSpinLocked, raw_spin_lock_nested, raw_spin_lock,
                 KCTX_RAW_WHY, KCTX_RAW_FIX, "kernel/locking/spinlock.c _raw_spin_lock_nested()")
/// The same of a spinlock_t.
KCTX_LOCK_NESTED(locks, spinlock_t, SpinLocked, spin_lock_nested, spin_lock, KCTX_SPIN_WHY,
                 KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_spin_lock_nested()")
/// mutex_lock() of a second mutex of its type.
KCTX_LOCK_NESTED(sleeps, mutex, MutexLocked, mutex_lock_nested, mutex_lock, KCTX_MUTEX_WHY,
                 KCTX_MUTEX_FIX, "kernel/locking/mutex.c mutex_lock_nested()")
/// down_read() and down_write() of a second rw_semaphore of its type.
KCTX_LOCK_NESTED(sleeps, rw_semaphore, RwsemReadLocked, down_read_nested, down_read, KCTX_RWSEM_WHY,
                 KCTX_RWSEM_FIX, "kernel/locking/rwsem.c down_read_nested()")
KCTX_LOCK_NESTED(sleeps, rw_semaphore, RwsemWriteLocked, down_write_nested, down_write,
                 KCTX_RWSEM_WHY, KCTX_RWSEM_FIX, "kernel/locking/rwsem.c down_write_nested()")

} // namespace kctx

#define KCTX_RAW_SPIN_LOCK_NESTED(ctx, lock, subclass)                                             \
    KCTX_SECTION(ctx, raw_spin_lock_nested(ctx, &(lock), subclass), &(lock))
#define KCTX_SPIN_LOCK_NESTED(ctx, lock, subclass)                                                 \
    KCTX_SECTION(ctx, spin_lock_nested(ctx, &(lock), subclass), &(lock))
#define KCTX_MUTEX_LOCK_NESTED(ctx, lock, subclass)                                                \
    KCTX_SECTION(ctx, mutex_lock_nested(ctx, &(lock), subclass), &(lock))
#define KCTX_DOWN_READ_NESTED(ctx, sem, subclass)                                                  \
    KCTX_SECTION(ctx, down_read_nested(ctx, &(sem), subclass), &(sem))
#define KCTX_DOWN_WRITE_NESTED(ctx, sem, subclass)                                                 \
    KCTX_SECTION(ctx, down_write_nested(ctx, &(sem), subclass), &(sem))
