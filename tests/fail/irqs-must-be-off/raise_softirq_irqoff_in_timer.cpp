// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irqs-must-be-off
// EXPECT call: raise_softirq_irqoff
// EXPECT context: TimerCtx
// EXPECT fix: KCTX_LOCAL_IRQ_SAVE
#include <kctx/api/softirq.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

void tick([[maybe_unused]] TimerCtx ctx)
{
#ifdef FIXED
    KCTX_LOCAL_IRQ_SAVE(ctx) {
        raise_softirq_irqoff(ctx, NET_RX_SOFTIRQ);
    }
#else
    raise_softirq_irqoff(ctx, NET_RX_SOFTIRQ); // <-- error
#endif
}
