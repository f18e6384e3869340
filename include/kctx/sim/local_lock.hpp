// SPDX-License-Identifier: BSL-1.0
/// @file
/// Locks of one CPU, bits, sequence counts.
/// @par Kernel source
/// include/linux/local_lock_internal.h, include/linux/bit_spinlock.h, include/linux/seqlock.h
/// (6.12)
#pragma once

#include <kctx/lock/bit_spinlock.hpp>
#include <kctx/lock/local_lock.hpp>
#include <kctx/lock/seqlock.hpp>
#include <kctx/sim/kernel_lock.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

inline constexpr lock_use of_local_lock{.function = "local_lock"}; ///< how lockdep hears of it

/// On PREEMPT_RT a spinlock_t of each CPU; elsewhere what keeps others off this CPU, and lockdep.
inline void local_take(machine &m, local_lock_t *lock)
{
    if (m.config.rt()) {
        m.migrate_disable();
        lockdep_acquire(m, lock, local_lock_kind, {.function = "rt_spin_lock"});
        rt_might_resched(m, 48);
        rt_lock(m, *lock, taken, written);
    } else {
        lockdep_acquire(m, lock, local_lock_kind, of_local_lock);
    }
}
/// Gives the lock back: local_unlock().
inline void local_give(machine &m, local_lock_t *lock)
{
    lockdep_release(m, lock);
    if (m.config.rt()) {
        rt_unlock(m, *lock, written);
        m.migrate_enable();
    }
}
/// local_lock_irqsave() ... local_unlock_irqrestore()
class local_section
{
    machine &m_ = here();
    local_lock_t *lock_;
    bool off_;

public:
    explicit local_section(local_lock_t *lock)
        : lock_(lock), off_(!m_.config.rt() && m_.local_irq_save())
    {
        local_take(m_, lock_);
    }
    ~local_section()
    {
        local_give(m_, lock_);
        if (!m_.config.rt())
            m_.local_irq_restore(off_);
    }
    local_section(const local_section &) = delete;
    local_section &operator=(const local_section &) = delete;
};
/// Takes a lock of the kernel and gives it back.
inline void passes(const kernel_lock<local_lock_t> &lock)
{
    const local_section inside(lock.get());
}

/// A bit that is spun on, which lockdep knows nothing of.
struct bit_lock {
    unsigned value = 0; ///< 1: taken
};
/// The lock that bit @p bit of @p word is; made when it is first asked for.
inline bit_lock *lock_of_bit(int bit, unsigned long *word)
{
    auto &bits = here().part<kernel_locks<bit_lock>>().inside;
    return &bits[reinterpret_cast<const char *>(word) + bit / 8 + (bit % 8) * 0x100000];
}

/// What lockdep sees of a sequence count: a lock that readers take for a moment.
inline void seqcount_read_access(const seqcount_t *s)
{
    machine &m = here();
    if (!m.config.prove_locking)
        return;
    const bool off = m.local_irq_save();
    lockdep_acquire(m, s, seqcount_kind, {.mode = lock_mode::read_recursive});
    lockdep_release(m, s);
    m.local_irq_restore(off);
}
inline unsigned begin_reading(const seqcount_t *s)
{
    seqcount_read_access(s);
    here().spin_while(s->sequence, 1);
    return s->sequence;
}
inline void begin_writing(seqcount_t *s)
{
    lockdep_acquire(here(), s, seqcount_kind);
    ++s->sequence;
}
inline void end_writing(seqcount_t *s)
{
    lockdep_release(here(), s);
    ++s->sequence;
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void local_lock(local_lock_t *lock) noexcept
{
    sim::machine &m = sim::called("local_lock");
    if (!m.config.rt())
        m.preempt_disable();
    sim::local_take(m, lock);
}
void local_unlock(local_lock_t *lock) noexcept
{
    sim::machine &m = sim::called("local_unlock");
    sim::local_give(m, lock);
    if (!m.config.rt())
        m.preempt_enable();
}
void local_lock_irq(local_lock_t *lock) noexcept
{
    sim::machine &m = sim::called("local_lock_irq");
    if (!m.config.rt())
        m.local_irq_save();
    sim::local_take(m, lock);
}
void local_unlock_irq(local_lock_t *lock) noexcept
{
    sim::machine &m = sim::called("local_unlock_irq");
    sim::local_give(m, lock);
    if (!m.config.rt())
        m.local_irq_restore(false);
}
unsigned long local_lock_irqsave(local_lock_t *lock) noexcept
{
    sim::machine &m = sim::called("local_lock_irqsave");
    const bool off = !m.config.rt() && m.local_irq_save();
    sim::local_take(m, lock);
    return off;
}
void local_unlock_irqrestore(local_lock_t *lock, unsigned long off) noexcept
{
    sim::machine &m = sim::called("local_unlock_irqrestore");
    sim::local_give(m, lock);
    if (!m.config.rt())
        m.local_irq_restore(off != 0);
}

void bit_spin_lock(int bit, unsigned long *word) noexcept
{
    sim::machine &m = sim::called("bit_spin_lock");
    sim::bit_lock *const lock = sim::lock_of_bit(bit, word);
    m.preempt_disable();
    m.spin_while(lock->value, 1);
    lock->value = 1;
    *word |= 1ul << bit;
}
bool bit_spin_trylock(int bit, unsigned long *word) noexcept
{
    sim::machine &m = sim::called("bit_spin_trylock");
    sim::bit_lock *const lock = sim::lock_of_bit(bit, word);
    if (lock->value != 0)
        return false;
    m.preempt_disable();
    lock->value = 1;
    *word |= 1ul << bit;
    return true;
}
void bit_spin_unlock(int bit, unsigned long *word) noexcept
{
    sim::machine &m = sim::called("bit_spin_unlock");
    sim::lock_of_bit(bit, word)->value = 0;
    *word &= ~(1ul << bit);
    m.preempt_enable();
}

void write_seqlock(seqlock_t *lock) noexcept
{
    env::spin_lock(&lock->lock);
    sim::begin_writing(&lock->seqcount);
}
void write_sequnlock(seqlock_t *lock) noexcept
{
    sim::end_writing(&lock->seqcount);
    env::spin_unlock(&lock->lock);
}
void write_seqlock_irq(seqlock_t *lock) noexcept
{
    env::spin_lock_irq(&lock->lock);
    sim::begin_writing(&lock->seqcount);
}
void write_sequnlock_irq(seqlock_t *lock) noexcept
{
    sim::end_writing(&lock->seqcount);
    env::spin_unlock_irq(&lock->lock);
}
unsigned long write_seqlock_irqsave(seqlock_t *lock) noexcept
{
    const unsigned long off = env::spin_lock_irqsave(&lock->lock);
    sim::begin_writing(&lock->seqcount);
    return off;
}
void write_sequnlock_irqrestore(seqlock_t *lock, unsigned long off) noexcept
{
    sim::end_writing(&lock->seqcount);
    env::spin_unlock_irqrestore(&lock->lock, off);
}
void write_seqlock_bh(seqlock_t *lock) noexcept
{
    env::spin_lock_bh(&lock->lock);
    sim::begin_writing(&lock->seqcount);
}
void write_sequnlock_bh(seqlock_t *lock) noexcept
{
    sim::end_writing(&lock->seqcount);
    env::spin_unlock_bh(&lock->lock);
}
/// A reader of PREEMPT_RT that finds a writer waits for its lock, so that it can go on.
unsigned read_seqbegin(const seqlock_t *sl) noexcept
{
    const sim::in_call in("read_seqbegin");
    sim::seqcount_read_access(&sl->seqcount);
    if ((sl->seqcount.sequence & 1) != 0 && sim::here().config.rt())
        sim::passes_plain(const_cast<spinlock_t *>(&sl->lock));
    sim::here().spin_while(sl->seqcount.sequence, 1);
    return sl->seqcount.sequence;
}
bool read_seqretry(const seqlock_t *sl, unsigned start) noexcept
{
    return sl->seqcount.sequence != start;
}

void write_seqcount_begin(seqcount_t *s) noexcept
{
    const sim::source_line caller = sim::source_of_caller();
    sim::machine &m = sim::called("write_seqcount_begin");
    if (m.config.prove_locking && m.is_preemptible() && !m.part<sim::lockdep>().off())
        m.warn_once(sim::at("include/linux/seqlock.h", 221), caller.file);
    sim::begin_writing(s);
}
void write_seqcount_end(seqcount_t *s) noexcept
{
    sim::called("write_seqcount_end");
    sim::end_writing(s);
}
void write_seqcount_begin_locked(seqcount_spinlock_t *s) noexcept
{
    sim::called("write_seqcount_begin");
    sim::begin_writing(&s->seqcount);
}
void write_seqcount_end_locked(seqcount_spinlock_t *s) noexcept
{
    sim::called("write_seqcount_end");
    sim::end_writing(&s->seqcount);
}
unsigned read_seqcount_begin(const seqcount_t *s) noexcept
{
    const sim::in_call in("read_seqcount_begin");
    return sim::begin_reading(s);
}
unsigned read_seqcount_begin(const seqcount_spinlock_t *s) noexcept
{
    const sim::in_call in("read_seqcount_begin");
    if ((s->seqcount.sequence & 1) != 0 && sim::here().config.rt() && s->lock)
        sim::passes_plain(s->lock);
    return sim::begin_reading(&s->seqcount);
}
bool read_seqcount_retry(const seqcount_t *s, unsigned start) noexcept
{
    return s->sequence != start;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
