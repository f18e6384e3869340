// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: bh-with-irqs-off
// EXPECT call: local_bh_disable
// EXPECT context: IrqsDisabled<kctx::ProcessCtx>
// EXPECT fix: leave bottom halves alone
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/irqflags.hpp>

void quiet([[maybe_unused]] kctx::ProcessCtx ctx, int &state)
{
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
#ifdef FIXED
        state++;
#else
        KCTX_LOCAL_BH_DISABLE(ctx) { // <-- error
            state++;
        }
#endif
    }
}
