// SPDX-License-Identifier: BSL-1.0
/// @file
/// A bit of a word as a lock. It spins on every kernel: on PREEMPT_RT, too, its sections are raw.
/// @par Kernel source
/// include/linux/bit_spinlock.h (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/section_calls.hpp>

namespace kctx {

#define KCTX_BIT_LOCK_WHY "busy-waits for its owner"
#define KCTX_BIT_LOCK_FIX "bit_spin_trylock()"

namespace env::inline KCTX_ENV_NAMESPACE {
void bit_spin_lock(int bit, unsigned long *word) noexcept KCTX_EFFECT_spin;
void bit_spin_unlock(int bit, unsigned long *word) noexcept KCTX_EFFECT_spin;
bool bit_spin_trylock(int bit, unsigned long *word) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE

KCTX_CONTRACT(spins, bit_spin_lock, KCTX_BIT_LOCK_WHY, KCTX_BIT_LOCK_FIX,
              "include/linux/bit_spinlock.h bit_spin_lock()")
/// A bit is held as a lock.
template <context C>
struct BitSpinLocked : held<call::bit_spin_lock, env::bit_spin_lock, env::bit_spin_unlock, C> {
    using BitSpinLocked::held::held;
    /// Preemption is off, whatever the kernel: bits are no sleeping locks
    /// (include/linux/bit_spinlock.h).
    static constexpr auto at(bool rt) noexcept
    {
        auto s = C::at(rt);
        detail::hold_preempt(s, rt);
        return s;
    }
};
/// Waits until bit @p bit of @p word is zero, and sets it.
template <may<call::bit_spin_lock> C>
KCTX_SECTION_TOKEN_OF(bit_spin_lock)
KCTX_ALWAYS_INLINE BitSpinLocked<C> bit_spin_lock(C, int bit,
                                                  unsigned long *word) noexcept KCTX_EFFECT_spin
    KCTX_ACQUIRE(KCTX_CLOSES(BitSpinLocked<C>)) KCTX_NO_ANALYSIS
{
    env::bit_spin_lock(bit, word);
    return detail::mint::make<BitSpinLocked<C>>();
}
template <forbidden<call::bit_spin_lock> C>
KCTX_ERROR(KCTX_TEXT_in(spins, bit_spin_lock, KCTX_BIT_LOCK_WHY, KCTX_BIT_LOCK_FIX))
BitSpinLocked<C> bit_spin_lock(C, int,
                               unsigned long *KCTX_ERROR_ARG(call::bit_spin_lock::template in<C>));
/// Clears the bit.
template <class C>
KCTX_ALWAYS_INLINE C bit_spin_unlock(BitSpinLocked<C>, int bit,
                                     unsigned long *word) noexcept KCTX_EFFECT_spin
    KCTX_RELEASE(KCTX_CLOSES(BitSpinLocked<C>)) KCTX_NO_ANALYSIS
{
    env::bit_spin_unlock(bit, word);
    return detail::mint::make<C>();
}
KCTX_NOT_HELD(bit_spin_lock, bit_spin_unlock)
KCTX_PLAIN_PAIR_(spins, bit_spin_lock, (int bit, unsigned long *word),
                 env::bit_spin_lock(bit, word), bit_spin_unlock, (int bit, unsigned long *word),
                 env::bit_spin_unlock(bit, word))

KCTX_SECTION_TEXT(BitSpinLocked, bit_spin_lock, hold_preempt, BitSpinLocked<C>)

KCTX_CONTRACT(anywhere, bit_spin_trylock, "does not wait", KCTX_NO_FIX,
              "include/linux/bit_spinlock.h bit_spin_trylock()")
/// Sets the bit if it is zero, and points to the token then, else NULL; legal in every context.
template <may<call::bit_spin_trylock> C>
KCTX_SECTION_TOKEN_OF(bit_spin_trylock)
KCTX_ALWAYS_INLINE const
    BitSpinLocked<C> *bit_spin_trylock(C, int bit, unsigned long *word) noexcept KCTX_EFFECT_spin
    KCTX_TSA_(try_acquire_capability(true, KCTX_CLOSES(BitSpinLocked<C>))) KCTX_NO_ANALYSIS
{
    return env::bit_spin_trylock(bit, word) ? &detail::token<BitSpinLocked<C>> : nullptr;
}
KCTX_TOKENLESS(anywhere, (bool), bit_spin_trylock, (int bit, unsigned long *word), (bit, word))

/// Keeps the bit for a block.
template <class C> class KCTX_SCOPED_CAPABILITY section<BitSpinLocked<C>>
{
    int bit_;
    unsigned long *word_;

public:
    KCTX_ALWAYS_INLINE section(detail::entry_to<call::bit_spin_lock>, int bit,
                               unsigned long *word) noexcept
        KCTX_ACQUIRE(KCTX_CLOSES(BitSpinLocked<C>))
        : bit_(bit), word_(word)
    {
        env::bit_spin_lock(bit, word);
    }
    KCTX_ALWAYS_INLINE ~section() KCTX_RELEASE() { env::bit_spin_unlock(bit_, word_); }
    section(const section &) = delete;
    section &operator=(const section &) = delete;
    /// The token of the block that it is opened for.
    static constexpr BitSpinLocked<C> inner() noexcept
    {
        return detail::mint::make<BitSpinLocked<C>>();
    }
};

} // namespace kctx

#define KCTX_BIT_SPIN_LOCK(ctx, bit, word)                                                         \
    KCTX_SECTION(ctx, bit_spin_lock(ctx, bit, &(word)), bit, &(word))
