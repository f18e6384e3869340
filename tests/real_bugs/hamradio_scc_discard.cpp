// SPDX-License-Identifier: BSL-1.0
// BUG: network, hamradio scc: packets are freed with interrupts off
// CONTEXT: spin_lock_irqsave
// CHAIN: scc_net_close > scc_discard_buffers > kfree_skb
// SOURCE: Fixes 1da177e4c3f4, https://lore.kernel.org/r/20221208142147.2376671-4-yangyingliang@huawei.com
// EXPECT slug: irqs-off
// EXPECT call: kfree_skb
// EXPECT context: SpinLockedIrqsave<.*scc_lock, kctx::ProcessCtx>
// EXPECT fix: dev_kfree_skb_any()
#include <kctx/api/net.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct scc_lock : spinlock_t {};
struct scc_channel {
    scc_lock lock;
    sk_buff *tx;
};

void scc_discard_buffers(ProcessCtx ctx, scc_channel *scc)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, scc->lock) {
#ifdef FIXED
        dev_kfree_skb_irq(ctx, scc->tx);
#else
        kfree_skb(ctx, scc->tx); // <-- error
#endif
        scc->tx = nullptr;
    }
}
