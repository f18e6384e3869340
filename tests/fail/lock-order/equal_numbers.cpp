// SPDX-License-Identifier: BSL-1.0
// Two locks with the same number have no order, so that neither is taken under the other.
// EXPECT slug: lock-order
// EXPECT call: spin_lock
// EXPECT context: SpinLocked<rx_lock, kctx::SoftirqCtx>
// EXPECT fix: take this one first
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct rx_lock : spinlock_t, lock_order<5> {};
struct tx_lock : spinlock_t, lock_order<5> {};

void loop_back(SoftirqCtx ctx, rx_lock &rx, tx_lock &tx, int &frames)
{
    KCTX_SPIN_LOCK(ctx, rx) {
        frames++;
#ifndef FIXED
        KCTX_SPIN_LOCK(ctx, tx) { // <-- error
            frames--;
        }
#endif
    }
    KCTX_SPIN_LOCK(ctx, tx) {
        frames++;
    }
}
