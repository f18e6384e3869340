// SPDX-License-Identifier: BSL-1.0
/// @file
/// struct rt_mutex: a mutex with priority inheritance, on every kernel.
/// @par Kernel source
/// include/linux/rtmutex.h, kernel/locking/rtmutex_api.c (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/mutex.hpp>

#define KCTX_LEVEL_tries_rt_mutex free
#define KCTX_RULE_tries_rt_mutex in_task
#define KCTX_SLUG_tries_rt_mutex "owner-in-interrupt"

namespace kctx {

/// Storage of an rt_mutex, not held; the environment gives it meaning.
struct KCTX_CAPABILITY("rt_mutex") rt_mutex {
    unsigned value = 0; ///< the environment's word
    unsigned owner = 0; ///< the environment's: who holds it
};
/// Makes @p lock an rt_mutex that nobody holds.
inline void rt_mutex_init(rt_mutex *lock) noexcept { *lock = {}; }

/// RtMutexLocked: an rt_mutex is held. Its owner may sleep.
KCTX_LOCK_PAIR(sleeps, rt_mutex, RtMutexLocked, hold_nothing, rt_mutex_lock, rt_mutex_unlock,
               KCTX_MUTEX_WHY, KCTX_MUTEX_FIX, "kernel/locking/rtmutex_api.c rt_mutex_lock()")
/// The same, unless a signal comes first (the kernel's -EINTR).
KCTX_LOCK_TRY(sleeps, rt_mutex, RtMutexLocked, rt_mutex_lock_interruptible, KCTX_MUTEX_WHY,
              KCTX_MUTEX_FIX, "kernel/locking/rtmutex_api.c rt_mutex_lock_interruptible()")
/// Takes the rt_mutex if it is free. Its owner is a task: every kernel warns in an interrupt.
KCTX_RULED_LOCK_TRY(tries_rt_mutex, rt_mutex, RtMutexLocked, rt_mutex_trylock,
                    "takes a mutex for the current task", "spin_trylock() of a spinlock_t",
                    "kernel/locking/rtmutex_api.c rt_mutex_trylock()")

} // namespace kctx

#define KCTX_RT_MUTEX_LOCK(ctx, lock) KCTX_SECTION(ctx, rt_mutex_lock(ctx, &(lock)), &(lock))
#define KCTX_RT_MUTEX_LOCK_INTERRUPTIBLE(ctx, lock)                                                \
    KCTX_TRY_SECTION(ctx, rt_mutex_lock_interruptible, &(lock))
#define KCTX_RT_MUTEX_TRYLOCK(ctx, lock) KCTX_TRY_SECTION(ctx, rt_mutex_trylock, &(lock))
