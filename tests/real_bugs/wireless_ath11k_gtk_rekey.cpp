// SPDX-License-Identifier: BSL-1.0
// BUG: wireless, ath11k: an event of the firmware is handed on with GFP_KERNEL
// CONTEXT: softirq, a tasklet
// CHAIN: ath11k_pci_ce_tasklet > ath11k_wmi_gtk_offload_status_event > cfg80211_gtk_rekey_notify > alloc_skb
// SOURCE: 5.10.90, https://lore.kernel.org/r/20220427120033.1046759-1-quic_bqiang@quicinc.com
// EXPECT slug: gfp-may-sleep
// EXPECT call: alloc_skb
// EXPECT context: TaskletCtx.*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/net.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

template <context C, gfp_set G> void cfg80211_gtk_rekey_notify(C ctx, G flags)
{
    sk_buff *message = KCTX_TRY(alloc_skb(ctx, 256, flags), return); // <-- error
    consume_skb(ctx, message);
}

void ath11k_pci_ce_tasklet(TaskletCtx ctx, tasklet_struct *)
{
#ifdef FIXED
    cfg80211_gtk_rekey_notify(ctx, GFP_ATOMIC);
#else
    cfg80211_gtk_rekey_notify(ctx, GFP_KERNEL);
#endif
}

void probe(tasklet_struct *t) { tasklet_setup(t, handler<ath11k_pci_ce_tasklet>); }
