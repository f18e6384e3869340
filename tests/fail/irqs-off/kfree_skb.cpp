// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irqs-off
// EXPECT call: kfree_skb
// EXPECT context: IrqCtx
// EXPECT fix: dev_kfree_skb_any
#include <kctx/api/net.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

void tx_done(IrqCtx ctx, sk_buff *skb)
{
#ifdef FIXED
    dev_kfree_skb_any(ctx, skb);
#else
    kfree_skb(ctx, skb); // <-- error
#endif
}
