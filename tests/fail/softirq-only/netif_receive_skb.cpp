// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: softirq-only
// EXPECT call: netif_receive_skb
// EXPECT context: ThreadedIrqCtx
// EXPECT fix: poll function
#include <kctx/api/net.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
int deliver(NapiCtx ctx, sk_buff *skb)
#else
int deliver(ThreadedIrqCtx ctx, sk_buff *skb)
#endif
{
    return netif_receive_skb(ctx, skb); // <-- error
}
