// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irqs-off
// EXPECT call: dev_queue_xmit
// EXPECT context: IrqsDisabled<kctx::KthreadCtx>
// EXPECT fix: NAPI poll function
#include <kctx/api/net.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

int transmit([[maybe_unused]] KthreadCtx ctx, sk_buff *skb, int &sent)
{
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        sent++;
#ifndef FIXED
        return dev_queue_xmit(ctx, skb); // <-- error
#endif
    }
    return dev_queue_xmit(ctx, skb);
}
