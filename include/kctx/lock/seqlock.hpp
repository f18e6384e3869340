// SPDX-License-Identifier: BSL-1.0
/// @file
/// seqlock_t and seqcount_t: readers that never block a writer, but read again when one was there.
/// @par Kernel source
/// include/linux/seqlock.h (6.12); Documentation/locking/seqlock.rst.
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/spinlock_irq.hpp>

namespace kctx {

/// Counts the writes; somebody else keeps writers from each other.
struct KCTX_CAPABILITY("seqcount_t") seqcount_t {
    unsigned sequence = 0; ///< odd while somebody writes
};
/// Makes @p s a counter of no writes.
inline void seqcount_init(seqcount_t *s) noexcept { *s = {}; }
/// The same for a counter whose writers hold @p lock: on PREEMPT_RT its readers wait for that lock
/// when they find a writer, so that the writer may be preempted.
struct KCTX_CAPABILITY("seqcount_spinlock_t") seqcount_spinlock_t {
    seqcount_t seqcount;        ///< what readers compare
    spinlock_t *lock = nullptr; ///< what its writers hold
};
/// Makes @p s a counter at 0 whose writers hold @p lock.
inline void seqcount_spinlock_init(seqcount_spinlock_t *s, spinlock_t *lock) noexcept
{
    *s = {{}, lock};
}
/// A counter with the lock of its writers.
struct KCTX_CAPABILITY("seqlock_t") seqlock_t {
    seqcount_t seqcount; ///< what readers compare
    spinlock_t lock;     ///< what writers hold
};
/// Makes @p sl one that nobody writes, at 0.
inline void seqlock_init(seqlock_t *sl) noexcept { *sl = {}; }

#define KCTX_SEQ_WHY "is the lock of its writers"
#define KCTX_SEQ_FIX "use a seqcount_t and a raw_spinlock_t, or write outside raw sections and hard irqs"

/// SeqWriter: a seqlock_t is held for writing: a spinlock_t is, and readers read again.
KCTX_LOCK_PAIR(locks, seqlock_t, SeqWriter, hold_spinlock, write_seqlock, write_sequnlock,
               KCTX_SEQ_WHY, KCTX_SEQ_FIX, "include/linux/seqlock.h write_seqlock()")
/// SeqWriterIrq: the same with interrupts off, on PREEMPT_RT on; leaving turns them on.
KCTX_RULED_LOCK_PAIR(locks_irq, seqlock_t, SeqWriterIrq, hold_spinlock_irq, write_seqlock_irq,
                     write_sequnlock_irq, KCTX_SEQ_WHY, KCTX_SEQ_FIX,
                     "include/linux/seqlock.h write_seqlock_irq()")
/// SeqWriterIrqsave: the same with interrupts off, on PREEMPT_RT on; leaving restores them.
KCTX_LOCK_PAIR_SAVING(locks, seqlock_t, SeqWriterIrqsave, hold_spinlock_irq, unsigned long,
                      write_seqlock_irqsave, write_sequnlock_irqrestore, KCTX_SEQ_WHY, KCTX_SEQ_FIX,
                      "include/linux/seqlock.h write_seqlock_irqsave()")
/// SeqWriterBh: the same with bottom halves off.
KCTX_RULED_LOCK_PAIR(locks_bh, seqlock_t, SeqWriterBh, hold_spinlock_bh, write_seqlock_bh,
                     write_sequnlock_bh, KCTX_SEQ_WHY, KCTX_SEQ_FIX,
                     "include/linux/seqlock.h write_seqlock_bh()")
/// Begins to read: returns the count for read_seqretry(). On PREEMPT_RT it waits for the lock of a
/// writer that it finds.
KCTX_CALL(locks, unsigned, read_seqbegin, (const seqlock_t *sl), (sl), "waits for a writer with it",
          "use a seqcount_t and a raw_spinlock_t, or read outside raw sections and hard irqs",
          "include/linux/seqlock.h read_seqbegin(), __seqprop_spinlock_sequence()")

namespace rule {
/// lockdep_assert_preemption_disabled() in include/linux/seqlock.h, __seqprop_assert().
struct not_preemptible {
    static constexpr bool holds(const auto &s, bool rt) noexcept
    {
        return !detail::preemptible(s, rt);
    }
};
} // namespace rule
// A plain writer that is preempted lets the readers of its CPU spin for it.
#define KCTX_LEVEL_writes_seqcount free
#define KCTX_RULE_writes_seqcount not_preemptible
#define KCTX_SLUG_writes_seqcount "preemptible-writer"
#define KCTX_SAYS_writes_seqcount(name, why) name "() " why
#define KCTX_BREAKS_not_preemptible(name)                                                          \
    "kctx[preemptible-writer]: " name "() of a seqcount_t where the writer may be preempted (on "  \
    "PREEMPT_RT also under a spinlock_t), while readers spin; fix: a seqcount_spinlock_t, or "     \
    "preempt_disable() around it"
/// SeqcountWriter: readers of a seqcount_t read again. The writer must not be preempted.
KCTX_RULED_LOCK_PAIR(writes_seqcount, seqcount_t, SeqcountWriter, hold_nothing,
                     write_seqcount_begin, write_seqcount_end, "lets readers spin",
                     "a seqcount_spinlock_t", "include/linux/seqlock.h __seqprop_assert()")

namespace detail {
/// Whether a lock of kind @p Lock is held in context @p T; under KCTX_UNCHECKED it counts as held.
template <class T, class Lock> constexpr bool holds_a() noexcept
{
#ifdef KCTX_UNCHECKED
    return true;
#else
    if constexpr (requires { typename T::outer; }) {
        if constexpr (lock_of<typename T::lock, Lock>)
            return true;
        else
            return holds_a<typename T::outer, Lock>();
    } else {
        return false;
    }
#endif
}
} // namespace detail
namespace env::inline KCTX_ENV_NAMESPACE {
/// write_seqcount_begin(): makes the count odd. The lock is held.
void write_seqcount_begin_locked(seqcount_spinlock_t *s) noexcept KCTX_EFFECT_config;
/// write_seqcount_end(): makes it even again.
void write_seqcount_end_locked(seqcount_spinlock_t *s) noexcept KCTX_EFFECT_config;
} // namespace env::inline KCTX_ENV_NAMESPACE
#define KCTX_TEXT_seqcount_unlocked                                                                \
    "kctx[seqcount-without-lock]: write_seqcount_begin() of a seqcount_spinlock_t where no "       \
    "spinlock_t is held; fix: spin_lock() the one that it was initialised with"
/// SeqcountLockedWriter: the same of a seqcount_spinlock_t, whose lock must be held.
/// @par Kernel source
/// include/linux/seqlock.h, __seqprop_spinlock_assert()
template <class L, context C>
struct SeqcountLockedWriter : held<call::write_seqcount_begin, env::write_seqcount_begin_locked,
                                   env::write_seqcount_end_locked, C, L> {
    using SeqcountLockedWriter::held::held;
};
template <context C, detail::lock_of<seqcount_spinlock_t> L>
    requires(detail::holds_a<C, spinlock_t>())
KCTX_SECTION_TOKEN_OF(write_seqcount_begin)
KCTX_ALWAYS_INLINE SeqcountLockedWriter<L, C> write_seqcount_begin(C,
                                                                   L *s) noexcept KCTX_EFFECT_config
    KCTX_ACQUIRE(s, KCTX_CLOSES(SeqcountLockedWriter<L, C>)) KCTX_NO_ANALYSIS
{
    env::write_seqcount_begin_locked(s);
    return detail::mint::make<SeqcountLockedWriter<L, C>>();
}
namespace call {
KCTX_ERROR_TYPE(write_seqcount_begin_unlocked, KCTX_TEXT_seqcount_unlocked)
}
template <context C, detail::lock_of<seqcount_spinlock_t> L>
    requires(!detail::holds_a<C, spinlock_t>())
KCTX_ERROR(KCTX_TEXT_seqcount_unlocked)
SeqcountLockedWriter<L, C> write_seqcount_begin(
    C, L *KCTX_ERROR_ARG(call::write_seqcount_begin_unlocked<C>));
/// Ends what write_seqcount_begin() began; returns the token from before.
template <class C, class L>
KCTX_ALWAYS_INLINE C write_seqcount_end(SeqcountLockedWriter<L, C>,
                                        L *s) noexcept KCTX_EFFECT_config
    KCTX_RELEASE(s, KCTX_CLOSES(SeqcountLockedWriter<L, C>)) KCTX_NO_ANALYSIS
{
    env::write_seqcount_end_locked(s);
    return detail::mint::make<C>();
}

namespace env::inline KCTX_ENV_NAMESPACE {
unsigned read_seqcount_begin(const seqcount_t *s) noexcept KCTX_EFFECT_spin;
/// Whether a writer came since read_seqcount_begin() returned @p start; legal in every context.
bool read_seqcount_retry(const seqcount_t *s, unsigned start) noexcept KCTX_EFFECT_spin;
/// Whether a writer came since read_seqbegin() returned @p start; legal in every context.
bool read_seqretry(const seqlock_t *sl, unsigned start) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::read_seqcount_retry;
using env::read_seqretry;
KCTX_LEGAL_ANYWHERE(read_seqcount_retry, "compares a count",
                    "include/linux/seqlock.h read_seqcount_retry()")
KCTX_LEGAL_ANYWHERE(read_seqretry, "compares a count", "include/linux/seqlock.h read_seqretry()")
/// Begins to read: returns the count for read_seqcount_retry(), once no writer is there. It spins;
/// legal in every context.
KCTX_ALWAYS_INLINE unsigned read_seqcount_begin(const seqcount_t *s) noexcept KCTX_EFFECT_spin
{
    return env::read_seqcount_begin(s);
}
/// Begins to read a seqcount_spinlock_t. On PREEMPT_RT it waits for the lock of a writer that it
/// finds.
KCTX_CALL(locks, unsigned, read_seqcount_begin, (const seqcount_spinlock_t *s), (s),
          "waits for a writer with it", KCTX_SEQ_FIX,
          "include/linux/seqlock.h __seqprop_spinlock_sequence()")
/// Whether a writer came since read_seqcount_begin() returned @p start; legal in every context.
KCTX_ALWAYS_INLINE bool read_seqcount_retry(const seqcount_spinlock_t *s,
                                            unsigned start) noexcept KCTX_EFFECT_spin
{
    return env::read_seqcount_retry(&s->seqcount, start);
}

} // namespace kctx

#define KCTX_WRITE_SEQLOCK(ctx, lock) KCTX_SECTION(ctx, write_seqlock(ctx, &(lock)), &(lock))
#define KCTX_WRITE_SEQLOCK_IRQ(ctx, lock)                                                          \
    KCTX_SECTION(ctx, write_seqlock_irq(ctx, &(lock)), &(lock))
#define KCTX_WRITE_SEQLOCK_IRQSAVE(ctx, lock)                                                      \
    KCTX_SECTION(ctx, write_seqlock_irqsave(ctx, &(lock), ::kctx::detail::saved<unsigned long>),   \
                 &(lock))
#define KCTX_WRITE_SEQLOCK_BH(ctx, lock) KCTX_SECTION(ctx, write_seqlock_bh(ctx, &(lock)), &(lock))
#define KCTX_WRITE_SEQCOUNT(ctx, seqcount)                                                         \
    KCTX_SECTION(ctx, write_seqcount_begin(ctx, &(seqcount)), &(seqcount))
