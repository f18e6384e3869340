// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irqs-on-too-early
// EXPECT call: spin_lock_irq
// EXPECT context: IrqCtx
// EXPECT fix: spin_lock_irqsave()
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

void handle([[maybe_unused]] IrqCtx ctx, spinlock_t *lock, int &events)
{
#ifdef FIXED
    KCTX_SPIN_LOCK_IRQSAVE(ctx, *lock) {
#else
    KCTX_SPIN_LOCK_IRQ(ctx, *lock) { // <-- error
#endif
        events++;
    }
}
