// SPDX-License-Identifier: BSL-1.0
// What lies between does not matter, whether it has a number or not.
// EXPECT slug: lock-order
// EXPECT call: raw_spin_lock
// EXPECT context: SpinLocked<kctx::spinlock_t, kctx::RawSpinLocked<queue_lock, kctx::ProcessCtx
// EXPECT fix: take this one first
// FLAGS: -DKCTX_PREEMPT_RT=0
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct hw_lock : raw_spinlock_t, lock_order<1> {};
struct queue_lock : raw_spinlock_t, lock_order<2> {};

void transmit([[maybe_unused]] ProcessCtx ctx, hw_lock &hw, queue_lock &queue, spinlock_t &pool)
{
    KCTX_RAW_SPIN_LOCK(ctx, queue) {
        KCTX_SPIN_LOCK(ctx, pool) {
#ifndef FIXED
            const auto locked = raw_spin_lock(ctx, &hw); // <-- error
            raw_spin_unlock(locked, &hw);
#endif
        }
    }
    const auto locked = raw_spin_lock(ctx, &hw);
    raw_spin_unlock(locked, &hw);
}
