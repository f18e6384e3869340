// SPDX-License-Identifier: BSL-1.0
/// @file
/// raw_spinlock_t, spinlock_t and rwlock_t with their irq and bh forms.
/// @par Kernel source
/// include/linux/spinlock.h, include/linux/rwlock.h; PREEMPT_RT: include/linux/spinlock_rt.h and
/// kernel/locking/spinlock_rt.c; Documentation/locking/locktypes.rst (6.12).
#pragma once

#include <kctx/lock/section_calls.hpp>

namespace kctx {

/// Storage of a spinning lock; the environment gives it meaning.
struct KCTX_CAPABILITY("raw_spinlock_t") raw_spinlock_t {
    unsigned value = 0;
    unsigned owner = 0;
};
/// Spins; on PREEMPT_RT a sleeping lock with priority inheritance.
struct KCTX_CAPABILITY("spinlock_t") spinlock_t {
    unsigned value = 0;
    unsigned owner = 0;
};
/// Many readers or one writer; on PREEMPT_RT it sleeps like spinlock_t.
struct KCTX_CAPABILITY("rwlock_t") rwlock_t {
    unsigned value = 0;
    unsigned owner = 0;
};

namespace detail {
constexpr void hold_raw_spinlock(context_state &s) noexcept
{
    s.allows = s.allows & wait_type::spin;
    s.preempt_disabled = true;
    s.migrate_disabled = true;
}
/// On PREEMPT_RT spin_lock() is rcu_read_lock(), migrate_disable() and a sleeping lock.
constexpr void hold_spinlock(context_state &s, bool rt) noexcept
{
    s.allows = s.allows & wait_type::config;
    s.migrate_disabled = true;
    (rt ? s.rcu_reader : s.preempt_disabled) = true;
}
constexpr void disable_bh(context_state &s, bool rt) noexcept
{
    s.allows = s.allows & wait_type::config;
    s.bh_disabled = true;
    s.migrate_disabled = true;
    s.rcu_reader = s.rcu_reader || rt;
}
} // namespace detail

/// A raw_spinlock_t is held.
KCTX_HELD_LOCK(RawSpinLocked, detail::hold_raw_spinlock(s));
/// A raw_spinlock_t is held with interrupts off; leaving turns them on.
KCTX_HELD_LOCK(RawSpinLockedIrq, detail::hold_raw_spinlock(s); s.irqs_disabled = true);
/// A raw_spinlock_t is held with interrupts off; leaving restores them.
KCTX_HELD_LOCK(RawSpinLockedIrqsave, detail::hold_raw_spinlock(s); s.irqs_disabled = true);
/// A raw_spinlock_t is held with bottom halves off.
KCTX_HELD_LOCK(RawSpinLockedBh, detail::disable_bh(s, rt); detail::hold_raw_spinlock(s));
/// A spinlock_t is held.
KCTX_HELD_LOCK(SpinLocked, detail::hold_spinlock(s, rt));
/// A spinlock_t is held with interrupts off (PREEMPT_RT: on); leaving turns them on.
KCTX_HELD_LOCK(SpinLockedIrq, detail::hold_spinlock(s, rt); s.irqs_disabled |= !rt);
/// A spinlock_t is held with interrupts off (PREEMPT_RT: on); leaving restores them.
KCTX_HELD_LOCK(SpinLockedIrqsave, detail::hold_spinlock(s, rt); s.irqs_disabled |= !rt);
/// A spinlock_t is held with bottom halves off.
KCTX_HELD_LOCK(SpinLockedBh, detail::disable_bh(s, rt); detail::hold_spinlock(s, rt));
/// A rwlock_t is held for reading.
KCTX_HELD_LOCK(ReadLocked, detail::hold_spinlock(s, rt));
/// A rwlock_t is held for reading with interrupts off (PREEMPT_RT: on); leaving turns them on.
KCTX_HELD_LOCK(ReadLockedIrq, detail::hold_spinlock(s, rt); s.irqs_disabled |= !rt);
/// A rwlock_t is held for reading with interrupts off (PREEMPT_RT: on); leaving restores them.
KCTX_HELD_LOCK(ReadLockedIrqsave, detail::hold_spinlock(s, rt); s.irqs_disabled |= !rt);
/// A rwlock_t is held for reading with bottom halves off.
KCTX_HELD_LOCK(ReadLockedBh, detail::disable_bh(s, rt); detail::hold_spinlock(s, rt));
/// A rwlock_t is held for writing.
KCTX_HELD_LOCK(WriteLocked, detail::hold_spinlock(s, rt));
/// A rwlock_t is held for writing with interrupts off (PREEMPT_RT: on); leaving turns them on.
KCTX_HELD_LOCK(WriteLockedIrq, detail::hold_spinlock(s, rt); s.irqs_disabled |= !rt);
/// A rwlock_t is held for writing with interrupts off (PREEMPT_RT: on); leaving restores them.
KCTX_HELD_LOCK(WriteLockedIrqsave, detail::hold_spinlock(s, rt); s.irqs_disabled |= !rt);
/// A rwlock_t is held for writing with bottom halves off.
KCTX_HELD_LOCK(WriteLockedBh, detail::disable_bh(s, rt); detail::hold_spinlock(s, rt));

#define KCTX_RAW_WHY "busy-waits for its owner"
#define KCTX_RAW_FIX "irq_work_queue() it, and take the lock in the irq_work"
#define KCTX_SPIN_WHY "waits for its owner"
#define KCTX_SPIN_FIX                                                                              \
    "make it a raw_spinlock_t if its sections are short, or take it outside the raw section"

KCTX_LOCK_PAIR(spins, raw_spinlock_t, RawSpinLocked, raw_spin_lock, raw_spin_unlock, with_raw_spin_lock, KCTX_RAW_WHY, KCTX_RAW_FIX, "kernel/locking/spinlock.c _raw_spin_lock()")
KCTX_LOCK_PAIR(spins, raw_spinlock_t, RawSpinLockedIrq, raw_spin_lock_irq, raw_spin_unlock_irq, with_raw_spin_lock_irq, KCTX_RAW_WHY, KCTX_RAW_FIX, "kernel/locking/spinlock.c _raw_spin_lock_irq()")
KCTX_LOCK_PAIR_IRQSAVE(spins, raw_spinlock_t, RawSpinLockedIrqsave, raw_spin_lock_irqsave, raw_spin_unlock_irqrestore, with_raw_spin_lock_irqsave, KCTX_RAW_WHY, KCTX_RAW_FIX, "kernel/locking/spinlock.c _raw_spin_lock_irqsave()")
KCTX_LOCK_PAIR(locks, raw_spinlock_t, RawSpinLockedBh, raw_spin_lock_bh, raw_spin_unlock_bh, with_raw_spin_lock_bh, "disables bottom halves, a per-CPU lock", "disable bottom halves before the raw section", "kernel/locking/spinlock.c _raw_spin_lock_bh()")
KCTX_LOCK_PAIR(locks, spinlock_t, SpinLocked, spin_lock, spin_unlock, with_spin_lock, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_spin_lock()")
KCTX_LOCK_PAIR(locks, spinlock_t, SpinLockedIrq, spin_lock_irq, spin_unlock_irq, with_spin_lock_irq, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_spin_lock()")
KCTX_LOCK_PAIR_IRQSAVE(locks, spinlock_t, SpinLockedIrqsave, spin_lock_irqsave, spin_unlock_irqrestore, with_spin_lock_irqsave, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_spin_lock()")
KCTX_LOCK_PAIR(locks, spinlock_t, SpinLockedBh, spin_lock_bh, spin_unlock_bh, with_spin_lock_bh, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_spin_lock()")
KCTX_LOCK_PAIR(locks, rwlock_t, ReadLocked, read_lock, read_unlock, with_read_lock, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_read_lock()")
KCTX_LOCK_PAIR(locks, rwlock_t, ReadLockedIrq, read_lock_irq, read_unlock_irq, with_read_lock_irq, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_read_lock()")
KCTX_LOCK_PAIR_IRQSAVE(locks, rwlock_t, ReadLockedIrqsave, read_lock_irqsave, read_unlock_irqrestore, with_read_lock_irqsave, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_read_lock()")
KCTX_LOCK_PAIR(locks, rwlock_t, ReadLockedBh, read_lock_bh, read_unlock_bh, with_read_lock_bh, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_read_lock()")
KCTX_LOCK_PAIR(locks, rwlock_t, WriteLocked, write_lock, write_unlock, with_write_lock, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_write_lock()")
KCTX_LOCK_PAIR(locks, rwlock_t, WriteLockedIrq, write_lock_irq, write_unlock_irq, with_write_lock_irq, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_write_lock()")
KCTX_LOCK_PAIR_IRQSAVE(locks, rwlock_t, WriteLockedIrqsave, write_lock_irqsave, write_unlock_irqrestore, with_write_lock_irqsave, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_write_lock()")
KCTX_LOCK_PAIR(locks, rwlock_t, WriteLockedBh, write_lock_bh, write_unlock_bh, with_write_lock_bh, KCTX_SPIN_WHY, KCTX_SPIN_FIX, "kernel/locking/spinlock_rt.c rt_write_lock()")

} // namespace kctx

// The block forms: `KCTX_RAW_SPIN_LOCK(ctx, card.lock) { ... }` holds the lock for the block.
#define KCTX_RAW_SPIN_LOCK(ctx, lock) KCTX_SECTION(ctx, raw_spin_lock(ctx, &(lock)), &(lock))
#define KCTX_RAW_SPIN_LOCK_IRQ(ctx, lock) KCTX_SECTION(ctx, raw_spin_lock_irq(ctx, &(lock)), &(lock))
#define KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, lock) KCTX_SECTION(ctx, raw_spin_lock_irqsave(ctx, &(lock), ::kctx::detail::saved_flags), &(lock))
#define KCTX_RAW_SPIN_LOCK_BH(ctx, lock) KCTX_SECTION(ctx, raw_spin_lock_bh(ctx, &(lock)), &(lock))
#define KCTX_SPIN_LOCK(ctx, lock) KCTX_SECTION(ctx, spin_lock(ctx, &(lock)), &(lock))
#define KCTX_SPIN_LOCK_IRQ(ctx, lock) KCTX_SECTION(ctx, spin_lock_irq(ctx, &(lock)), &(lock))
#define KCTX_SPIN_LOCK_IRQSAVE(ctx, lock) KCTX_SECTION(ctx, spin_lock_irqsave(ctx, &(lock), ::kctx::detail::saved_flags), &(lock))
#define KCTX_SPIN_LOCK_BH(ctx, lock) KCTX_SECTION(ctx, spin_lock_bh(ctx, &(lock)), &(lock))
#define KCTX_READ_LOCK(ctx, lock) KCTX_SECTION(ctx, read_lock(ctx, &(lock)), &(lock))
#define KCTX_READ_LOCK_IRQ(ctx, lock) KCTX_SECTION(ctx, read_lock_irq(ctx, &(lock)), &(lock))
#define KCTX_READ_LOCK_IRQSAVE(ctx, lock) KCTX_SECTION(ctx, read_lock_irqsave(ctx, &(lock), ::kctx::detail::saved_flags), &(lock))
#define KCTX_READ_LOCK_BH(ctx, lock) KCTX_SECTION(ctx, read_lock_bh(ctx, &(lock)), &(lock))
#define KCTX_WRITE_LOCK(ctx, lock) KCTX_SECTION(ctx, write_lock(ctx, &(lock)), &(lock))
#define KCTX_WRITE_LOCK_IRQ(ctx, lock) KCTX_SECTION(ctx, write_lock_irq(ctx, &(lock)), &(lock))
#define KCTX_WRITE_LOCK_IRQSAVE(ctx, lock) KCTX_SECTION(ctx, write_lock_irqsave(ctx, &(lock), ::kctx::detail::saved_flags), &(lock))
#define KCTX_WRITE_LOCK_BH(ctx, lock) KCTX_SECTION(ctx, write_lock_bh(ctx, &(lock)), &(lock))
