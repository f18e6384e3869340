// SPDX-License-Identifier: BSL-1.0
/// @file
/// The calls that take spinning locks, turn off preemption, bottom halves and interrupts, as this
/// machine's kernel has them: with PREEMPT_RT spinlock_t and rwlock_t sleep, and their _irq forms
/// turn nothing off.
/// @par Kernel source
/// include/linux/spinlock_api_smp.h, include/linux/rwlock_api_smp.h, include/linux/spinlock_rt.h,
/// kernel/locking/spinlock_rt.c, kernel/softirq.c
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

/// How a kind of lock is taken: its bits, the function on a trace, PREEMPT_RT's name and line.
struct raw_spin {
    static constexpr const lock_kind &kind = raw_spinlock_kind; ///< lockdep's kind
    static constexpr bool sleeps = false;                       ///< whether it sleeps on PREEMPT_RT
    static constexpr unsigned mask = taken;    ///< the bits that must be clear to take it
    static constexpr unsigned value = written; ///< what taking it adds
    /// How lockdep hears of it.
    static constexpr lock_mode mode(machine &) { return lock_mode::write; }
    /// The function that a trace shows on PREEMPT_RT.
    static constexpr const char *rt_name = "_raw_spin_lock";
    /// Its line in kernel/locking/spinlock_rt.c; 0: it does not wait there.
    static constexpr int rt_line = 0;
};
/// A spinlock_t.
struct spin : raw_spin {
    static constexpr const lock_kind &kind = spinlock_kind; ///< lockdep's kind
    static constexpr bool sleeps = true;                    ///< on PREEMPT_RT
    static constexpr const char *rt_name = "rt_spin_lock";  ///< rt_spin_lock()
    static constexpr int rt_line = 48;                      ///< might_sleep() in it
};
/// A rwlock_t, for writing.
struct writing : spin {
    static constexpr const lock_kind &kind = rwlock_kind;   ///< lockdep's kind
    static constexpr const char *rt_name = "rt_write_lock"; ///< rt_write_lock()
    static constexpr int rt_line = 258;                     ///< might_sleep() in it
};
/// A rwlock_t, for reading.
struct reading : writing {
    static constexpr unsigned mask = written; ///< other readers do not matter
    static constexpr unsigned value = 1;      ///< one reader more
    /// read_lock_is_recursive(): others queue behind a writer that waits, but in interrupts.
    static lock_mode mode(machine &m)
    {
        const bool queued = m.config.since(5, 10) && m.config.arch != kernel::arch::arm;
        return queued && !m.in_interrupt() ? lock_mode::read : lock_mode::read_recursive;
    }
    static constexpr const char *rt_name = "rt_read_lock"; ///< rt_read_lock()
    static constexpr int rt_line = 248;                    ///< might_sleep() in it
};

/// Takes the lock: spins, on PREEMPT_RT sleeps, until it is free; @p function is on the trace.
template <class How, class Lock> void take(machine &m, Lock *lock, const char *function)
{
    const lock_use use{.mode = How::mode(m), .function = function};
    if (!How::sleeps || !m.config.rt()) {
        raw_lock(m, *lock, How::kind, use, How::mask, How::value);
        return;
    }
    // rt_spin_lock() asks lockdep first, rt_read_lock() and rt_write_lock() whether they may sleep.
    if (&How::kind == &spinlock_kind)
        lockdep_acquire(m, lock, How::kind, use);
    const frame in(How::rt_name);
    rt_might_resched(m, How::rt_line);
    if (&How::kind != &spinlock_kind)
        lockdep_acquire(m, lock, How::kind, use);
    rt_lock(m, *lock, How::mask, How::value);
}
/// Gives the lock back, and wakes who waits for it on PREEMPT_RT.
template <class How, class Lock> void give(machine &m, Lock *lock)
{
    if (!How::sleeps || !m.config.rt()) {
        raw_unlock(m, *lock, How::value);
        return;
    }
    lockdep_release(m, lock);
    rt_unlock(m, *lock, How::value);
}
/// _raw_spin_lock_bh() of PREEMPT_RT counts its section with bottom halves alone: preemption is on.
template <class How> void count_raw_bh(machine &m, bool on)
{
    if (!How::sleeps && m.config.rt())
        m.current().preempt_count += on ? m.units.preempt : 0 - m.units.preempt;
}
/// Stands for the raw locks inside the sleeping locks of PREEMPT_RT.
inline constexpr char rt_mutex_wait_lock = 0;

/// A trylock: whether it was taken.
template <class How, class Lock> bool take_if_free(Lock *lock, const char *function)
{
    machine &m = here();
    m.called(function);
    if ((lock->value & How::mask) != 0)
        return false;
    const bool sleeps = How::sleeps && m.config.rt();
    if (sleeps && m.config.prove_locking) { // CONFIG_DEBUG_RT_MUTEXES: rt_mutex_slowtrylock()
        const bool off = m.local_irq_save();
        lockdep_acquire(m, &rt_mutex_wait_lock, raw_spinlock_kind, {.name = "&lock->wait_lock"});
        lockdep_release(m, &rt_mutex_wait_lock);
        m.local_irq_restore(off);
    }
    if (!sleeps)
        m.preempt_disable();
    lockdep_acquire(m, lock, How::kind,
                    {.mode = How::mode(m), .trylock = true, .function = function});
    lock->value += How::value;
    if (sleeps) {
        if (How::mask == taken)
            lock->owner = m.current().number;
        rt_section_begins(m);
    }
    return true;
}

} // namespace kctx::sim

/// The forms of a pair of functions: plain, _irq, _irqsave, _bh.
#define KCTX_SIM_LOCK_FORMS(lock_t, lock_fn, unlock_fn, how, name)                                 \
    void lock_fn(lock_t *lock) noexcept                                                            \
    {                                                                                              \
        sim::machine &m = sim::here();                                                             \
        m.called(#lock_fn);                                                                        \
        sim::take<sim::how>(m, lock, name);                                                        \
    }                                                                                              \
    void unlock_fn(lock_t *lock) noexcept                                                          \
    {                                                                                              \
        sim::machine &m = sim::here();                                                             \
        m.called(#unlock_fn);                                                                      \
        sim::give<sim::how>(m, lock);                                                              \
    }                                                                                              \
    void lock_fn##_irq(lock_t *lock) noexcept                                                      \
    {                                                                                              \
        sim::machine &m = sim::here();                                                             \
        m.called(#lock_fn "_irq");                                                                 \
        if (!sim::how::sleeps || !m.config.rt())                                                   \
            m.local_irq_save();                                                                    \
        sim::take<sim::how>(m, lock, name "_irq");                                                 \
    }                                                                                              \
    void unlock_fn##_irq(lock_t *lock) noexcept                                                    \
    {                                                                                              \
        sim::machine &m = sim::here();                                                             \
        m.called(#unlock_fn "_irq");                                                               \
        sim::give<sim::how>(m, lock);                                                              \
        if (!sim::how::sleeps || !m.config.rt())                                                   \
            m.local_irq_restore(false);                                                            \
    }                                                                                              \
    unsigned long lock_fn##_irqsave(lock_t *lock) noexcept                                         \
    {                                                                                              \
        sim::machine &m = sim::here();                                                             \
        m.called(#lock_fn "_irqsave");                                                             \
        const bool off = (!sim::how::sleeps || !m.config.rt()) && m.local_irq_save();              \
        sim::take<sim::how>(m, lock, name "_irqsave");                                             \
        return off;                                                                                \
    }                                                                                              \
    void unlock_fn##_irqrestore(lock_t *lock, unsigned long off) noexcept                          \
    {                                                                                              \
        sim::machine &m = sim::here();                                                             \
        m.called(#unlock_fn "_irqrestore");                                                        \
        sim::give<sim::how>(m, lock);                                                              \
        if (!sim::how::sleeps || !m.config.rt())                                                   \
            m.local_irq_restore(off != 0);                                                         \
    }                                                                                              \
    void lock_fn##_bh(lock_t *lock) noexcept                                                       \
    {                                                                                              \
        sim::machine &m = sim::here();                                                             \
        m.called(#lock_fn "_bh");                                                                  \
        m.local_bh_disable();                                                                      \
        sim::take<sim::how>(m, lock, name "_bh");                                                  \
        sim::count_raw_bh<sim::how>(m, false);                                                     \
    }                                                                                              \
    void unlock_fn##_bh(lock_t *lock) noexcept                                                     \
    {                                                                                              \
        sim::machine &m = sim::here();                                                             \
        m.called(#unlock_fn "_bh");                                                                \
        sim::count_raw_bh<sim::how>(m, true);                                                      \
        sim::give<sim::how>(m, lock);                                                              \
        m.local_bh_enable();                                                                       \
    }

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

KCTX_SIM_LOCK_FORMS(raw_spinlock_t, raw_spin_lock, raw_spin_unlock, raw_spin, "_raw_spin_lock")
KCTX_SIM_LOCK_FORMS(spinlock_t, spin_lock, spin_unlock, spin, "_raw_spin_lock")
KCTX_SIM_LOCK_FORMS(rwlock_t, read_lock, read_unlock, reading, "_raw_read_lock")
KCTX_SIM_LOCK_FORMS(rwlock_t, write_lock, write_unlock, writing, "_raw_write_lock")

bool raw_spin_trylock(raw_spinlock_t *lock) noexcept
{
    return sim::take_if_free<sim::raw_spin>(lock, "raw_spin_trylock");
}
bool spin_trylock(spinlock_t *lock) noexcept
{
    return sim::take_if_free<sim::spin>(lock, "spin_trylock");
}
bool read_trylock(rwlock_t *lock) noexcept
{
    return sim::take_if_free<sim::reading>(lock, "read_trylock");
}
bool write_trylock(rwlock_t *lock) noexcept
{
    return sim::take_if_free<sim::writing>(lock, "write_trylock");
}

void preempt_disable() noexcept { sim::called("preempt_disable").preempt_disable(); }
void preempt_enable() noexcept { sim::called("preempt_enable").preempt_enable(); }
void migrate_disable() noexcept { sim::called("migrate_disable").migrate_disable(); }
void migrate_enable() noexcept { sim::called("migrate_enable").migrate_enable(); }
int get_cpu() noexcept
{
    sim::machine &m = sim::called("get_cpu");
    m.preempt_disable();
    return static_cast<int>(m.cpu_number());
}
void put_cpu(int) noexcept { sim::called("put_cpu").preempt_enable(); }

void local_bh_disable() noexcept { sim::called("local_bh_disable").local_bh_disable(); }
void local_bh_enable() noexcept { sim::called("local_bh_enable").local_bh_enable(); }

void local_irq_disable() noexcept { sim::called("local_irq_disable").local_irq_save(); }
void local_irq_enable() noexcept { sim::called("local_irq_enable").local_irq_restore(false); }
unsigned long local_irq_save() noexcept { return sim::called("local_irq_save").local_irq_save(); }
void local_irq_restore(unsigned long off) noexcept
{
    sim::called("local_irq_restore").local_irq_restore(off != 0);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
