// SPDX-License-Identifier: BSL-1.0
// BUG: network, drop_monitor: the probe of a tracepoint takes a spinlock_t
// CONTEXT: tracepoint, preemption off, on PREEMPT_RT
// CHAIN: kfree_skb_reason > trace_kfree_skb_hit > trace_drop_common > spin_lock_irqsave
// SOURCE: f1e197a665c2, 6.9-rc2-rt1, https://gitlab.com/redhat/centos-stream/src/kernel/centos-stream-9/-/merge_requests/4188
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock_irqsave
// EXPECT context: PreemptDisabled<kctx::SoftirqCtx>
// EXPECT fix: raw_spinlock_t
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

#ifdef FIXED
struct drop_lock : raw_spinlock_t {};
#else
struct drop_lock : spinlock_t {};
#endif
struct per_cpu_dm_data {
    drop_lock lock;
    int drops = 0;
};

template <context C> void trace_drop_common(PreemptDisabled<C> ctx, per_cpu_dm_data *data)
{
#ifdef FIXED
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, data->lock) {
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, data->lock) { // <-- error
#endif
        data->drops++;
    }
}

void kfree_skb_reason(SoftirqCtx ctx, per_cpu_dm_data *data)
{
    KCTX_PREEMPT_DISABLE(ctx) { // what a tracepoint does around its probes
        trace_drop_common(ctx, data);
    }
}
