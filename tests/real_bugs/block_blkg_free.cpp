// SPDX-License-Identifier: BSL-1.0
// BUG: block, blk-cgroup: an RCU callback drops the last reference, and the release function sleeps
// CONTEXT: RCU callback
// CHAIN: rcu_do_batch > blkg_free > kobject_put > blk_release_queue > might_sleep
// SOURCE: Fixes 0a9a25ca7843 (5.17), https://lore.kernel.org/r/20220323011308.2010380-1-ming.lei@redhat.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: kobject_put
// EXPECT context: RcuCallbackCtx
// EXPECT fix: work item
#include <kctx/api/driver_model.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct blkcg_gq {
    rcu_head rcu;
    work_struct free_work;
    kobject *queue;
};

void blkg_free_workfn(WorkCtx ctx, work_struct *work)
{
    kobject_put(ctx, container_of(work, blkcg_gq, free_work)->queue);
}

void blkg_free(RcuCallbackCtx ctx, rcu_head *head)
{
    blkcg_gq *blkg = container_of(head, blkcg_gq, rcu);
#ifdef FIXED
    INIT_WORK(&blkg->free_work, handler<blkg_free_workfn>);
    schedule_work(ctx, &blkg->free_work);
#else
    kobject_put(ctx, blkg->queue); // <-- error
#endif
}

void blkg_put(ProcessCtx ctx, blkcg_gq *blkg) { call_rcu(ctx, &blkg->rcu, blkg_free); }
