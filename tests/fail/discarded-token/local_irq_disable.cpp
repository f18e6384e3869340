// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: discarded-token
// EXPECT call: local_irq_disable
// EXPECT context: none, the section is left open whatever is around it
// EXPECT fix: auto in = local_irq_disable
// UNCHECKED: rejected
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

void ring([[maybe_unused]] kctx::ProcessCtx ctx, volatile unsigned &doorbell)
{
#ifdef FIXED
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        doorbell = 1;
    }
#else
    local_irq_disable(ctx); // <-- error
    doorbell = 1;
#endif
}
