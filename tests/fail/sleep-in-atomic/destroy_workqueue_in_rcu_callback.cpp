// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: destroy_workqueue
// EXPECT context: RcuCallbackCtx
// EXPECT fix: remove time
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct tunnel {
    rcu_head rcu;
    work_struct teardown;
    workqueue_struct *queue;
};

void tunnel_free(RcuCallbackCtx ctx, rcu_head *head)
{
    tunnel *s = container_of(head, tunnel, rcu);
#ifdef FIXED
    schedule_work(ctx, &s->teardown);
#else
    destroy_workqueue(ctx, s->queue); // <-- error
#endif
}
