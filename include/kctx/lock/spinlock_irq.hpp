// SPDX-License-Identifier: BSL-1.0
/// @file
/// The forms of raw_spin_lock() and spin_lock() that turn interrupts or bottom halves off and, when
/// left, on: they have rules of their own about where they may be used.
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/irq_state.hpp>
#include <kctx/lock/spinlock.hpp>

namespace kctx {

/// RawSpinLockedIrq: a raw_spinlock_t is held with interrupts off; leaving turns them on.
KCTX_RULED_LOCK_PAIR(spins_irq, raw_spinlock_t, RawSpinLockedIrq, hold_raw_spinlock_irq,
                     raw_spin_lock_irq, raw_spin_unlock_irq, KCTX_RAW_WHY, KCTX_RAW_FIX,
                     "kernel/locking/spinlock.c _raw_spin_lock_irq()")
/// RawSpinLockedBh: a raw_spinlock_t is held with bottom halves off.
KCTX_RULED_LOCK_PAIR(spins_bh, raw_spinlock_t, RawSpinLockedBh, hold_raw_spinlock_bh,
                     raw_spin_lock_bh, raw_spin_unlock_bh, "disables bottom halves, a per-CPU lock",
                     "disable bottom halves before the raw section",
                     "kernel/locking/spinlock.c _raw_spin_lock_bh()")
/// SpinLockedIrq: a spinlock_t is held with interrupts off, on PREEMPT_RT on; leaving turns them
/// on.
KCTX_RULED_LOCK_PAIR(locks_irq, spinlock_t, SpinLockedIrq, hold_spinlock_irq, spin_lock_irq,
                     spin_unlock_irq, KCTX_SPIN_WHY, KCTX_SPIN_FIX,
                     "kernel/locking/spinlock_rt.c rt_spin_lock()")
/// SpinLockedBh: a spinlock_t is held with bottom halves off.
KCTX_RULED_LOCK_PAIR(locks_bh, spinlock_t, SpinLockedBh, hold_spinlock_bh, spin_lock_bh,
                     spin_unlock_bh, KCTX_SPIN_WHY, KCTX_SPIN_FIX,
                     "kernel/locking/spinlock_rt.c rt_spin_lock()")

} // namespace kctx

#define KCTX_RAW_SPIN_LOCK_IRQ(ctx, lock)                                                          \
    KCTX_SECTION(ctx, raw_spin_lock_irq(ctx, &(lock)), &(lock))
#define KCTX_RAW_SPIN_LOCK_BH(ctx, lock) KCTX_SECTION(ctx, raw_spin_lock_bh(ctx, &(lock)), &(lock))
#define KCTX_SPIN_LOCK_IRQ(ctx, lock) KCTX_SECTION(ctx, spin_lock_irq(ctx, &(lock)), &(lock))
#define KCTX_SPIN_LOCK_BH(ctx, lock) KCTX_SECTION(ctx, spin_lock_bh(ctx, &(lock)), &(lock))
