// SPDX-License-Identifier: BSL-1.0
// Another form of taking it is the same lock, however much lies between.
// EXPECT slug: lock-taken-twice
// EXPECT call: raw_spin_lock_irqsave
// EXPECT context: (PreemptDisabled|RawSpinLockedIrqsave<hw_lock, kctx::PreemptDisabled)<kctx::RawSpinLocked<hw_lock, kctx::HardIrqCtx>
// EXPECT fix: give it back first
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

struct hw_lock : raw_spinlock_t {};

void poll(HardIrqCtx ctx, hw_lock *lock, unsigned &status)
{
    unsigned long flags = 0;
    const auto locked = raw_spin_lock(ctx, lock);
    KCTX_PREEMPT_DISABLE(locked) {
#ifdef FIXED
        flags = status;
#else
        const auto again = raw_spin_lock_irqsave(locked, lock, flags); // <-- error
        raw_spin_unlock_irqrestore(again, lock, flags);
#endif
    }
    status = static_cast<unsigned>(flags);
    raw_spin_unlock(locked, lock);
}
