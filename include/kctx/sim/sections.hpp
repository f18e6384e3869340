// SPDX-License-Identifier: BSL-1.0
/// @file
/// Spinning locks, preemption, bottom halves and interrupts, as kernels without PREEMPT_RT have
/// them: a lock's section is one without preemption, whether the kernel counts it or not.
/// @par Kernel source
/// include/linux/spinlock_api_smp.h, include/linux/rwlock_api_smp.h, kernel/softirq.c
#pragma once

#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/spinlock_irq.hpp>
#include <kctx/lock/trylock.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

inline constexpr unsigned written = 1u << 31; ///< of a rwlock_t, whose other bits count readers
inline constexpr unsigned taken = ~0u;        ///< any bit

template <class Lock> void take(Lock *lock)
{
    here().preempt_disable();
    here().spin_while(lock->value, taken);
    lock->value = 1;
}
inline void take_reading(rwlock_t *lock)
{
    here().preempt_disable();
    here().spin_while(lock->value, written);
    ++lock->value;
}
inline void take_writing(rwlock_t *lock)
{
    here().preempt_disable();
    here().spin_while(lock->value, taken);
    lock->value = written;
}
template <class Lock> void give(Lock *lock)
{
    lock->value = 0;
    here().preempt_enable();
}
inline void give_reading(rwlock_t *lock)
{
    --lock->value;
    here().preempt_enable();
}
template <class Lock> bool take_if_free(Lock *lock, unsigned mask, unsigned value)
{
    if ((lock->value & mask) != 0)
        return false;
    here().preempt_disable();
    lock->value = value;
    return true;
}

} // namespace kctx::sim

/// The forms of a pair of functions: plain, _irq, _irqsave, _bh.
#define KCTX_SIM_LOCK_FORMS(lock_t, lock_fn, unlock_fn, take, give)                                \
    void lock_fn(lock_t *lock) noexcept { sim::take(lock); }                                       \
    void unlock_fn(lock_t *lock) noexcept { sim::give(lock); }                                     \
    void lock_fn##_irq(lock_t *lock) noexcept                                                      \
    {                                                                                              \
        sim::here().local_irq_save();                                                              \
        sim::take(lock);                                                                           \
    }                                                                                              \
    void unlock_fn##_irq(lock_t *lock) noexcept                                                    \
    {                                                                                              \
        sim::give(lock);                                                                           \
        sim::here().local_irq_restore(false);                                                      \
    }                                                                                              \
    unsigned long lock_fn##_irqsave(lock_t *lock) noexcept                                         \
    {                                                                                              \
        const bool off = sim::here().local_irq_save();                                             \
        sim::take(lock);                                                                           \
        return off;                                                                                \
    }                                                                                              \
    void unlock_fn##_irqrestore(lock_t *lock, unsigned long off) noexcept                          \
    {                                                                                              \
        sim::give(lock);                                                                           \
        sim::here().local_irq_restore(off != 0);                                                   \
    }                                                                                              \
    void lock_fn##_bh(lock_t *lock) noexcept                                                       \
    {                                                                                              \
        sim::here().local_bh_disable();                                                            \
        sim::take(lock);                                                                           \
    }                                                                                              \
    void unlock_fn##_bh(lock_t *lock) noexcept                                                     \
    {                                                                                              \
        sim::give(lock);                                                                           \
        sim::here().local_bh_enable();                                                             \
    }

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

KCTX_SIM_LOCK_FORMS(raw_spinlock_t, raw_spin_lock, raw_spin_unlock, take, give)
KCTX_SIM_LOCK_FORMS(spinlock_t, spin_lock, spin_unlock, take, give)
KCTX_SIM_LOCK_FORMS(rwlock_t, read_lock, read_unlock, take_reading, give_reading)
KCTX_SIM_LOCK_FORMS(rwlock_t, write_lock, write_unlock, take_writing, give)

bool raw_spin_trylock(raw_spinlock_t *lock) noexcept
{
    return sim::take_if_free(lock, sim::taken, 1);
}
bool spin_trylock(spinlock_t *lock) noexcept { return sim::take_if_free(lock, sim::taken, 1); }
bool read_trylock(rwlock_t *lock) noexcept
{
    return sim::take_if_free(lock, sim::written, lock->value + 1);
}
bool write_trylock(rwlock_t *lock) noexcept
{
    return sim::take_if_free(lock, sim::taken, sim::written);
}

void preempt_disable() noexcept { sim::here().preempt_disable(); }
void preempt_enable() noexcept { sim::here().preempt_enable(); }
int get_cpu() noexcept
{
    sim::here().preempt_disable();
    return static_cast<int>(sim::here().cpu_number());
}
void put_cpu(int) noexcept { sim::here().preempt_enable(); }

void local_bh_disable() noexcept { sim::here().local_bh_disable(); }
void local_bh_enable() noexcept { sim::here().local_bh_enable(); }

void local_irq_disable() noexcept { sim::here().local_irq_save(); }
void local_irq_enable() noexcept { sim::here().local_irq_restore(false); }
unsigned long local_irq_save() noexcept { return sim::here().local_irq_save(); }
void local_irq_restore(unsigned long off) noexcept { sim::here().local_irq_restore(off != 0); }

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
