// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: bh-with-irqs-off
// EXPECT call: spin_lock_bh
// EXPECT context: IrqCtx
// EXPECT fix: leave bottom halves alone
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

void handle([[maybe_unused]] IrqCtx ctx, spinlock_t *lock, int &events)
{
#ifdef FIXED
    KCTX_SPIN_LOCK(ctx, *lock) {
#else
    KCTX_SPIN_LOCK_BH(ctx, *lock) { // <-- error
#endif
        events++;
    }
}
