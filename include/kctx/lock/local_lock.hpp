// SPDX-License-Identifier: BSL-1.0
/// @file
/// local_lock_t: protects what belongs to one CPU. Without PREEMPT_RT it turns preemption or
/// interrupts off; PREEMPT_RT makes it a spinlock_t of each CPU and turns nothing off.
/// @par Kernel source
/// include/linux/local_lock.h, include/linux/local_lock_internal.h (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/irq_state.hpp>
#include <kctx/lock/section_calls.hpp>

namespace kctx::detail {
/// Without PREEMPT_RT local_lock_irq() turns interrupts off and counts nothing.
constexpr void hold_local_lock_irq(auto &s, bool rt) noexcept
{
    s.allows = s.allows & wait_type::config;
    s.migrate_disabled = true;
    (rt ? s.rcu_reader : s.irqs_disabled) = true;
}
} // namespace kctx::detail

namespace kctx {

/// Storage of a lock of this CPU; the environment gives it meaning.
struct KCTX_CAPABILITY("local_lock_t") local_lock_t {
    unsigned value = 0; ///< the environment's word
    unsigned owner = 0; ///< the environment's: who holds it
};
/// Makes @p lock a local_lock_t that nobody holds.
inline void local_lock_init(local_lock_t *lock) noexcept { *lock = {}; }

#define KCTX_LOCAL_LOCK_WHY "is one of each CPU there"
#define KCTX_LOCAL_LOCK_FIX "take it outside raw sections and hard irqs"

/// LocalLocked: this CPU's data are ours.
KCTX_LOCK_PAIR(locks, local_lock_t, LocalLocked, hold_spinlock, local_lock, local_unlock,
               KCTX_LOCAL_LOCK_WHY, KCTX_LOCAL_LOCK_FIX,
               "include/linux/local_lock_internal.h __local_lock()")
/// LocalLockedIrq: the same with interrupts off, on PREEMPT_RT on; leaving turns them on.
KCTX_RULED_LOCK_PAIR(locks_irq, local_lock_t, LocalLockedIrq, hold_local_lock_irq, local_lock_irq,
                     local_unlock_irq, KCTX_LOCAL_LOCK_WHY, KCTX_LOCAL_LOCK_FIX,
                     "include/linux/local_lock_internal.h __local_lock_irq()")
/// LocalLockedIrqsave: the same with interrupts off, on PREEMPT_RT on; leaving restores them.
KCTX_LOCK_PAIR_SAVING(locks, local_lock_t, LocalLockedIrqsave, hold_local_lock_irq, unsigned long,
                      local_lock_irqsave, local_unlock_irqrestore, KCTX_LOCAL_LOCK_WHY,
                      KCTX_LOCAL_LOCK_FIX,
                      "include/linux/local_lock_internal.h __local_lock_irqsave()")

} // namespace kctx

#define KCTX_LOCAL_LOCK(ctx, lock) KCTX_SECTION(ctx, local_lock(ctx, &(lock)), &(lock))
#define KCTX_LOCAL_LOCK_IRQ(ctx, lock) KCTX_SECTION(ctx, local_lock_irq(ctx, &(lock)), &(lock))
#define KCTX_LOCAL_LOCK_IRQSAVE(ctx, lock)                                                         \
    KCTX_SECTION(ctx, local_lock_irqsave(ctx, &(lock), ::kctx::detail::saved<unsigned long>),      \
                 &(lock))
