// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irqs-on-too-early
// EXPECT call: raw_spin_lock_irq
// EXPECT context: IrqsSaved<kctx::ProcessCtx>
// EXPECT fix: raw_spin_lock_irqsave()
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

void update([[maybe_unused]] ProcessCtx ctx, raw_spinlock_t *lock, int &state)
{
    KCTX_LOCAL_IRQ_SAVE(ctx) {
#ifdef FIXED
        KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, *lock) {
#else
        KCTX_RAW_SPIN_LOCK_IRQ(ctx, *lock) { // <-- error
#endif
            state++;
        }
    }
}
