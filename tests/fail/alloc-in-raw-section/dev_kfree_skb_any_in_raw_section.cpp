// SPDX-License-Identifier: BSL-1.0
// In an interrupt it leaves the packet to a softirq, in a task it frees it.
// EXPECT slug: alloc-in-raw-section
// EXPECT call: dev_kfree_skb_any
// EXPECT context: RawSpinLocked<ring_lock, kctx::KthreadCtx>
// EXPECT fix: free the packet after the section
#include <kctx/api/net.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct ring_lock : raw_spinlock_t {};

void reclaim([[maybe_unused]] KthreadCtx ctx, ring_lock *lock, sk_buff *skb, int &head)
{
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
        head++;
#ifndef FIXED
        dev_kfree_skb_any(ctx, skb); // <-- error
#endif
    }
#ifdef FIXED
    dev_kfree_skb_any(ctx, skb);
#endif
}
