// SPDX-License-Identifier: BSL-1.0
/// @file
/// rwlock_t with its irq and bh forms.
/// @par Kernel source
/// include/linux/rwlock.h; PREEMPT_RT: include/linux/rwlock_rt.h, kernel/locking/spinlock_rt.c
/// (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/irq_state.hpp>
#include <kctx/lock/spinlock.hpp>

namespace kctx {

/// Many readers or one writer; on PREEMPT_RT it sleeps like spinlock_t.
struct KCTX_CAPABILITY("rwlock_t") rwlock_t {
    unsigned value = 0; ///< the environment's word
    unsigned owner = 0; ///< the environment's: who writes
};

/// Makes @p lock one that nobody holds.
inline void rwlock_init(rwlock_t *lock) noexcept { *lock = {}; }
/// `static DEFINE_RWLOCK(lock);`
#define DEFINE_RWLOCK(name) ::kctx::rwlock_t name

/// ReadLocked: a rwlock_t is held for reading.
KCTX_LOCK_PAIR(locks, rwlock_t, ReadLocked, hold_spinlock, read_lock, read_unlock, KCTX_SPIN_WHY,
               KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_read_lock()")
/// ReadLockedIrq: the same with interrupts off, on PREEMPT_RT on; leaving turns them on.
KCTX_RULED_LOCK_PAIR(locks_irq, rwlock_t, ReadLockedIrq, hold_spinlock_irq, read_lock_irq,
                     read_unlock_irq, KCTX_SPIN_WHY, KCTX_SPIN_FIX,
                     "kernel/locking/spinlock_rt.c rt_read_lock()")
/// ReadLockedIrqsave: the same with interrupts off, on PREEMPT_RT on; leaving restores them.
KCTX_LOCK_PAIR_SAVING(locks, rwlock_t, ReadLockedIrqsave, hold_spinlock_irq, unsigned long,
                      read_lock_irqsave, read_unlock_irqrestore, KCTX_SPIN_WHY, KCTX_SPIN_FIX,
                      "kernel/locking/spinlock_rt.c rt_read_lock()")
/// ReadLockedBh: the same with bottom halves off.
KCTX_RULED_LOCK_PAIR(locks_bh, rwlock_t, ReadLockedBh, hold_spinlock_bh, read_lock_bh,
                     read_unlock_bh, KCTX_SPIN_WHY, KCTX_SPIN_FIX,
                     "kernel/locking/spinlock_rt.c rt_read_lock()")
/// WriteLocked: a rwlock_t is held for writing.
KCTX_LOCK_PAIR(locks, rwlock_t, WriteLocked, hold_spinlock, write_lock, write_unlock, KCTX_SPIN_WHY,
               KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_write_lock()")
/// WriteLockedIrq: the same with interrupts off, on PREEMPT_RT on; leaving turns them on.
KCTX_RULED_LOCK_PAIR(locks_irq, rwlock_t, WriteLockedIrq, hold_spinlock_irq, write_lock_irq,
                     write_unlock_irq, KCTX_SPIN_WHY, KCTX_SPIN_FIX,
                     "kernel/locking/spinlock_rt.c rt_write_lock()")
/// WriteLockedIrqsave: the same with interrupts off, on PREEMPT_RT on; leaving restores them.
KCTX_LOCK_PAIR_SAVING(locks, rwlock_t, WriteLockedIrqsave, hold_spinlock_irq, unsigned long,
                      write_lock_irqsave, write_unlock_irqrestore, KCTX_SPIN_WHY, KCTX_SPIN_FIX,
                      "kernel/locking/spinlock_rt.c rt_write_lock()")
/// WriteLockedBh: the same with bottom halves off.
KCTX_RULED_LOCK_PAIR(locks_bh, rwlock_t, WriteLockedBh, hold_spinlock_bh, write_lock_bh,
                     write_unlock_bh, KCTX_SPIN_WHY, KCTX_SPIN_FIX,
                     "kernel/locking/spinlock_rt.c rt_write_lock()")

// Readers wait for writers only: who holds the lock for reading may take it so again.
template <> inline constexpr bool detail::recursive<call::read_lock> = true;
template <> inline constexpr bool detail::recursive<call::read_lock_irq> = true;
template <> inline constexpr bool detail::recursive<call::read_lock_irqsave> = true;
template <> inline constexpr bool detail::recursive<call::read_lock_bh> = true;

} // namespace kctx

#define KCTX_READ_LOCK(ctx, lock) KCTX_SECTION(ctx, read_lock(ctx, &(lock)), &(lock))
#define KCTX_READ_LOCK_IRQ(ctx, lock) KCTX_SECTION(ctx, read_lock_irq(ctx, &(lock)), &(lock))
#define KCTX_READ_LOCK_IRQSAVE(ctx, lock)                                                          \
    KCTX_SECTION(ctx, read_lock_irqsave(ctx, &(lock),                                              \
                 ::kctx::detail::saved<unsigned long>), &(lock))
#define KCTX_READ_LOCK_BH(ctx, lock) KCTX_SECTION(ctx, read_lock_bh(ctx, &(lock)), &(lock))
#define KCTX_WRITE_LOCK(ctx, lock) KCTX_SECTION(ctx, write_lock(ctx, &(lock)), &(lock))
#define KCTX_WRITE_LOCK_IRQ(ctx, lock) KCTX_SECTION(ctx, write_lock_irq(ctx, &(lock)), &(lock))
#define KCTX_WRITE_LOCK_IRQSAVE(ctx, lock)                                                         \
    KCTX_SECTION(ctx, write_lock_irqsave(ctx, &(lock),                                             \
                 ::kctx::detail::saved<unsigned long>), &(lock))
#define KCTX_WRITE_LOCK_BH(ctx, lock) KCTX_SECTION(ctx, write_lock_bh(ctx, &(lock)), &(lock))
