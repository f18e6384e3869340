// SPDX-License-Identifier: BSL-1.0
/// @file
/// raw_spinlock_t and spinlock_t with their irq and bh forms.
/// @par Kernel source
/// include/linux/spinlock.h; PREEMPT_RT: include/linux/spinlock_rt.h and
/// kernel/locking/spinlock_rt.c; Documentation/locking/locktypes.rst (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/section_calls.hpp>

namespace kctx {

/// Storage of a spinning lock; the environment gives it meaning.
struct KCTX_CAPABILITY("raw_spinlock_t") raw_spinlock_t {
    unsigned value = 0; ///< the environment's word
    unsigned owner = 0; ///< the environment's: who holds it
};
/// Spins; on PREEMPT_RT a sleeping lock with priority inheritance.
struct KCTX_CAPABILITY("spinlock_t") spinlock_t {
    unsigned value = 0; ///< the environment's word
    unsigned owner = 0; ///< the environment's: who holds it
};

/// Makes @p lock one that nobody holds.
inline void raw_spin_lock_init(raw_spinlock_t *lock) noexcept { *lock = {}; }
/// Makes @p lock one that nobody holds.
inline void spin_lock_init(spinlock_t *lock) noexcept { *lock = {}; }
/// `static DEFINE_SPINLOCK(lock);`
#define DEFINE_RAW_SPINLOCK(name) ::kctx::raw_spinlock_t name
#define DEFINE_SPINLOCK(name) ::kctx::spinlock_t name ///< `static DEFINE_SPINLOCK(lock);`

#define KCTX_RAW_WHY "busy-waits for its owner"
#define KCTX_RAW_FIX "irq_work_queue() it, and take the lock in the irq_work"
#define KCTX_SPIN_WHY "waits for its owner"
#define KCTX_SPIN_FIX                                                                              \
    "make it a raw_spinlock_t if its sections are short, or take it outside raw sections and hard irqs"

/// RawSpinLocked: a raw_spinlock_t is held.
KCTX_LOCK_PAIR(spins, raw_spinlock_t, RawSpinLocked, hold_preempt, raw_spin_lock, raw_spin_unlock,
               KCTX_RAW_WHY, KCTX_RAW_FIX, "kernel/locking/spinlock.c _raw_spin_lock()")
/// RawSpinLockedIrqsave: the same with interrupts off; leaving restores them.
KCTX_LOCK_PAIR_SAVING(spins, raw_spinlock_t, RawSpinLockedIrqsave, hold_raw_spinlock_irq,
                      unsigned long, raw_spin_lock_irqsave, raw_spin_unlock_irqrestore,
                      KCTX_RAW_WHY, KCTX_RAW_FIX,
                      "kernel/locking/spinlock.c _raw_spin_lock_irqsave()")
/// SpinLocked: a spinlock_t is held.
KCTX_LOCK_PAIR(locks, spinlock_t, SpinLocked, hold_spinlock, spin_lock, spin_unlock, KCTX_SPIN_WHY,
               KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_spin_lock()")
/// SpinLockedIrqsave: the same with interrupts off, on PREEMPT_RT on; leaving restores them.
KCTX_LOCK_PAIR_SAVING(locks, spinlock_t, SpinLockedIrqsave, hold_spinlock_irq, unsigned long,
                      spin_lock_irqsave, spin_unlock_irqrestore, KCTX_SPIN_WHY, KCTX_SPIN_FIX,
                      "kernel/locking/spinlock_rt.c rt_spin_lock()")

} // namespace kctx

// The block forms: `KCTX_RAW_SPIN_LOCK(ctx, card.lock) { ... }` holds the lock for the block.
#define KCTX_RAW_SPIN_LOCK(ctx, lock) KCTX_SECTION(ctx, raw_spin_lock(ctx, &(lock)), &(lock))
#define KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, lock)                                                      \
    KCTX_SECTION(ctx, raw_spin_lock_irqsave(ctx, &(lock),                                          \
                 ::kctx::detail::saved<unsigned long>), &(lock))
#define KCTX_SPIN_LOCK(ctx, lock) KCTX_SECTION(ctx, spin_lock(ctx, &(lock)), &(lock))
#define KCTX_SPIN_LOCK_IRQSAVE(ctx, lock)                                                          \
    KCTX_SECTION(ctx, spin_lock_irqsave(ctx, &(lock),                                              \
                 ::kctx::detail::saved<unsigned long>), &(lock))
