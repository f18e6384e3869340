// SPDX-License-Identifier: BSL-1.0
/// @file
/// struct semaphore: a count that down() waits for and up() raises. It has no owner: one task may
/// count it down and an interrupt up, so down() hands out no token, and up() asks for none of it.
/// Used as a lock it has the block and closure forms, whose token is SemaphoreHeld.
/// @par Kernel source
/// include/linux/semaphore.h, kernel/locking/semaphore.c (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/section_calls.hpp>

namespace kctx {

/// A count; the environment gives the rest meaning.
struct KCTX_CAPABILITY("semaphore") semaphore {
    unsigned count = 1; ///< how many more may pass
    unsigned value = 0; ///< the environment's word
};
/// Makes @p sem a semaphore that @p count tasks may pass.
inline void sema_init(semaphore *sem, int count) noexcept
{
    *sem = {static_cast<unsigned>(count), 0};
}

#define KCTX_SEM_WHY "waits for the count to rise"
#define KCTX_SEM_FIX "down_trylock(), or do it in a work item"

/// Waits until the count is not zero, and lowers it.
KCTX_CALL(sleeps, void, down, (semaphore * sem), (sem), KCTX_SEM_WHY, KCTX_SEM_FIX,
          "kernel/locking/semaphore.c down()")
/// The same; returns 0, or -EINTR if a signal came first.
KCTX_CALL(sleeps, KCTX_MUST_CHECK int, down_interruptible, (semaphore * sem), (sem), KCTX_SEM_WHY,
          KCTX_SEM_FIX, "kernel/locking/semaphore.c down_interruptible()")
/// The same; returns 0, or -EINTR if a fatal signal came first.
KCTX_CALL(sleeps, KCTX_MUST_CHECK int, down_killable, (semaphore * sem), (sem), KCTX_SEM_WHY,
          KCTX_SEM_FIX, "kernel/locking/semaphore.c down_killable()")
/// The same; returns 0, or -ETIME after @p timeout jiffies.
KCTX_CALL(sleeps, KCTX_MUST_CHECK int, down_timeout, (semaphore * sem, long timeout),
          (sem, timeout), KCTX_SEM_WHY, KCTX_SEM_FIX, "kernel/locking/semaphore.c down_timeout()")
/// Lowers the count if it is not zero: returns 0 then and 1 else, unlike every other trylock.
KCTX_CALL(spins, KCTX_MUST_CHECK int, down_trylock, (semaphore * sem), (sem),
          "guards the count with it", "irq_work_queue() it",
          "kernel/locking/semaphore.c down_trylock()")
/// Raises the count, and wakes one waiter.
KCTX_CALL(spins, void, up, (semaphore * sem), (sem), "guards the count with it",
          "irq_work_queue() it", "kernel/locking/semaphore.c up()")

/// A semaphore was counted down, and is counted up at the end of the block.
template <class L, context C> struct SemaphoreHeld : held<call::down, env::down, env::up, C, L> {
    using SemaphoreHeld::held::held;
};
KCTX_SECTION_TEXT(SemaphoreHeld, down, hold_nothing, SemaphoreHeld<semaphore, C>)
// It may be counted down again, as long as the count lasts.
template <> inline constexpr bool detail::recursive<call::down> = true;
namespace detail {
template <may<call::down> C, lock_of<semaphore> L> SemaphoreHeld<L, C> semaphore_section(C, L *);
}

} // namespace kctx

#define KCTX_DOWN(ctx, sem)                                                                        \
    KCTX_SECTION(ctx, ::kctx::detail::semaphore_section(ctx, &(sem)), &(sem))
