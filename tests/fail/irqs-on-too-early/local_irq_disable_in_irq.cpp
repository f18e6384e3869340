// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irqs-on-too-early
// EXPECT call: local_irq_disable
// EXPECT context: HardIrqCtx
// EXPECT fix: local_irq_save
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

void update([[maybe_unused]] kctx::HardIrqCtx ctx, int &state)
{
#ifdef FIXED
    KCTX_LOCAL_IRQ_SAVE(ctx) {
#else
    KCTX_LOCAL_IRQ_DISABLE(ctx) { // <-- error
#endif
        state++;
    }
}
