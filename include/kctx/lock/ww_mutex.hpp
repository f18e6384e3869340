// SPDX-License-Identifier: BSL-1.0
/// @file
/// ww_mutex: mutexes of which a task takes several in any order. Who would deadlock is told to give
/// all of its own back and begin anew.
/// @par Kernel source
/// include/linux/ww_mutex.h, kernel/locking/ww_mutex.h, Documentation/locking/ww-mutex-design.rst
/// (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/mutex.hpp>

namespace kctx {

/// A class of ww_mutexes that are taken together.
struct ww_class {
    unsigned stamp = 0; ///< the next ticket (ww_acquire_init())
};
/// What one task takes together; the environment gives it meaning.
struct ww_acquire_ctx {
    ww_class *of = nullptr; ///< the class of all locks taken with it
    unsigned stamp = 0;     ///< its age: the younger one backs off
    unsigned acquired = 0;  ///< how many locks it holds
};
/// Storage of a ww_mutex, not held; the environment gives it meaning.
struct KCTX_CAPABILITY("ww_mutex") ww_mutex {
    mutex base;                       ///< the mutex beneath
    ww_acquire_ctx *holder = nullptr; ///< with whose ticket it is held; nullptr without one
};
/// Begins to take ww_mutexes of class @p of.
inline void ww_acquire_init(ww_acquire_ctx *acquire, ww_class *of) noexcept
{
    *acquire = {of, ++of->stamp, 0};
}
/// Ends it; all of them were given back.
inline void ww_acquire_fini(ww_acquire_ctx *acquire) noexcept { acquire->of = nullptr; }

/// WwMutexLocked: a ww_mutex is held. The one to begin with after giving way: it waits.
KCTX_LOCK_PAIR(sleeps, ww_mutex, WwMutexLocked, hold_nothing, ww_mutex_lock_slow, ww_mutex_unlock,
               KCTX_MUTEX_WHY, KCTX_MUTEX_FIX, "kernel/locking/mutex.c ww_mutex_lock_slow()")
/// Takes it if it is free, as a task that takes no other. PREEMPT_RT warns in an interrupt.
KCTX_RULED_LOCK_TRY(tries_mutex, ww_mutex, WwMutexLocked, ww_mutex_trylock,
                    "takes a mutex for the current task", "spin_trylock() of a spinlock_t",
                    "kernel/locking/mutex.c ww_mutex_trylock()")
// A task takes many of a class: that is what they are for.
template <> inline constexpr bool detail::recursive<call::ww_mutex_lock_slow> = true;

namespace env::inline KCTX_ENV_NAMESPACE {
bool ww_mutex_lock(ww_mutex *lock, ww_acquire_ctx *acquire) noexcept KCTX_EFFECT_sleep;
}
KCTX_CONTRACT(sleeps, ww_mutex_lock, KCTX_MUTEX_WHY, KCTX_MUTEX_FIX,
              "kernel/locking/mutex.c ww_mutex_lock()")
/// Takes it for @p acquire: a pointer to the token, or NULL (the kernel's -EDEADLK) when all that
/// was acquired must be given back, and ww_mutex_lock_slow() waits for this one.
template <may<call::ww_mutex_lock> C, detail::lock_of<ww_mutex> L>
KCTX_SECTION_TOKEN_OF(ww_mutex_lock)
KCTX_ALWAYS_INLINE const WwMutexLocked<L, C> *ww_mutex_lock(
    C, L *lock, ww_acquire_ctx *acquire) noexcept KCTX_EFFECT_sleep KCTX_EXCLUDES_sleep
    KCTX_TSA_(try_acquire_capability(true, lock, KCTX_CLOSES(WwMutexLocked<L, C>))) KCTX_NO_ANALYSIS
{
    return env::ww_mutex_lock(lock, acquire) ? &detail::token<WwMutexLocked<L, C>> : nullptr;
}
template <forbidden<call::ww_mutex_lock> C, detail::lock_of<ww_mutex> L>
KCTX_ERROR(KCTX_TEXT_in(sleeps, ww_mutex_lock, KCTX_MUTEX_WHY, KCTX_MUTEX_FIX))
const WwMutexLocked<L, C> *ww_mutex_lock(
    C, L *, ww_acquire_ctx *KCTX_ERROR_ARG(call::ww_mutex_lock::template in<C>));
KCTX_TOKENLESS(sleeps, (bool), ww_mutex_lock, (ww_mutex * lock, ww_acquire_ctx *acquire),
               (lock, acquire))

} // namespace kctx

#define KCTX_WW_MUTEX_LOCK(ctx, lock, acquire)                                                     \
    KCTX_TRY_SECTION(ctx, ww_mutex_lock, &(lock), acquire)
#define KCTX_WW_MUTEX_LOCK_SLOW(ctx, lock)                                                         \
    KCTX_SECTION(ctx, ww_mutex_lock_slow(ctx, &(lock)), &(lock))
#define KCTX_WW_MUTEX_TRYLOCK(ctx, lock) KCTX_TRY_SECTION(ctx, ww_mutex_trylock, &(lock))
