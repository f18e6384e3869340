// SPDX-License-Identifier: BSL-1.0
// A counter that the interrupt handler also changes, and two locks with an order.
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct config_lock : mutex, lock_order<10> {};
struct rx_lock : spinlock_t, used_in<IrqCtx>, lock_order<20> {};

void reset([[maybe_unused]] ProcessCtx ctx, config_lock &config, rx_lock &lock, int &received)
{
    KCTX_MUTEX_LOCK(ctx, config) {
        KCTX_SPIN_LOCK_IRQSAVE(ctx, lock) {
            received = 0;
        }
    }
}
