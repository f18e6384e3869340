// SPDX-License-Identifier: BSL-1.0
/// @file
/// struct mutex: one owner, a task, which may sleep while it waits for the lock and while it holds
/// it.
/// @par Kernel source
/// include/linux/mutex.h, kernel/locking/mutex.c; PREEMPT_RT: kernel/locking/rtmutex_api.c (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/section_calls.hpp>

namespace kctx::rule {
/// WARN_ON_ONCE(!in_task()) in kernel/locking/rtmutex_api.c: an interrupt cannot own the lock.
struct in_task {
    static constexpr bool holds(const auto &s, bool) noexcept { return detail::in_task(s); }
};
/// On PREEMPT_RT alone, where the lock is an rt_mutex.
struct in_task_on_rt {
    static constexpr bool holds(const auto &s, bool rt) noexcept
    {
        return !rt || detail::in_task(s);
    }
};
} // namespace kctx::rule
#define KCTX_LEVEL_tries_mutex free
#define KCTX_RULE_tries_mutex in_task_on_rt
#define KCTX_SLUG_tries_mutex "owner-in-interrupt"
#define KCTX_BREAKS_in_task(name)                                                                  \
    "kctx[owner-in-interrupt]: " name "() makes the current task own the lock, and an interrupt "  \
    "is no task; fix: spin_trylock() of a spinlock_t, or do it in a work item"
#define KCTX_BREAKS_in_task_on_rt KCTX_BREAKS_in_task

namespace kctx {

/// Storage of a mutex, not held; the environment gives it meaning.
struct KCTX_CAPABILITY("mutex") mutex {
    unsigned value = 0; ///< the environment's word
    unsigned owner = 0; ///< the environment's: who holds it
};
/// Makes @p lock a mutex that nobody holds.
inline void mutex_init(mutex *lock) noexcept { *lock = {}; }
/// `static DEFINE_MUTEX(lock);`
#define DEFINE_MUTEX(name) ::kctx::mutex name

#define KCTX_MUTEX_WHY "waits for its owner"
#define KCTX_MUTEX_FIX                                                                             \
    "spin_lock_irqsave() of a spinlock_t for data that this context shares, or do it in a work item"

/// MutexLocked: a mutex is held. Its owner may sleep.
KCTX_LOCK_PAIR(sleeps, mutex, MutexLocked, hold_nothing, mutex_lock, mutex_unlock, KCTX_MUTEX_WHY,
               KCTX_MUTEX_FIX, "kernel/locking/mutex.c mutex_lock()")
/// The same, unless a signal comes first (the kernel's -EINTR).
KCTX_LOCK_TRY(sleeps, mutex, MutexLocked, mutex_lock_interruptible, KCTX_MUTEX_WHY, KCTX_MUTEX_FIX,
              "kernel/locking/mutex.c mutex_lock_interruptible()")
/// The same, unless a fatal signal comes first (the kernel's -EINTR).
KCTX_LOCK_TRY(sleeps, mutex, MutexLocked, mutex_lock_killable, KCTX_MUTEX_WHY, KCTX_MUTEX_FIX,
              "kernel/locking/mutex.c mutex_lock_killable()")
/// Takes the mutex if it is free. Its owner is a task: PREEMPT_RT warns in an interrupt.
KCTX_RULED_LOCK_TRY(
    tries_mutex, mutex, MutexLocked, mutex_trylock, "takes a mutex for the current task",
    "spin_trylock() of a spinlock_t",
    "kernel/locking/mutex.c mutex_trylock(), kernel/locking/rtmutex_api.c mutex_trylock()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Whether somebody holds it, which may have changed already; legal in every context.
bool mutex_is_locked(mutex *lock) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::mutex_is_locked;
KCTX_LEGAL_ANYWHERE(mutex_is_locked, "reads the owner", "kernel/locking/mutex.c mutex_is_locked()")

} // namespace kctx

// The block forms. Those that may fail take an else: `KCTX_MUTEX_TRYLOCK(ctx, l) { ... } else ...`.
#define KCTX_MUTEX_LOCK(ctx, lock) KCTX_SECTION(ctx, mutex_lock(ctx, &(lock)), &(lock))
#define KCTX_MUTEX_LOCK_INTERRUPTIBLE(ctx, lock)                                                   \
    KCTX_TRY_SECTION(ctx, mutex_lock_interruptible, &(lock))
#define KCTX_MUTEX_LOCK_KILLABLE(ctx, lock) KCTX_TRY_SECTION(ctx, mutex_lock_killable, &(lock))
#define KCTX_MUTEX_TRYLOCK(ctx, lock) KCTX_TRY_SECTION(ctx, mutex_trylock, &(lock))
