// SPDX-License-Identifier: BSL-1.0
// kernel/workqueue.c, __flush_workqueue(): waits for what was queued before, this one included.
// EXPECT slug: wait-for-self
// EXPECT call: flush_workqueue
// EXPECT context: CallbackOf<reset_work, kctx::WorkCtx>
// EXPECT fix: or wait outside
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct reset_work : work_struct {};
struct poll_work : delayed_work {};
struct card {
    workqueue_of<reset_work, poll_work> wq;
    reset_work reset;
    poll_work poll;
};

void reset(CallbackOf<reset_work, WorkCtx> ctx, work_struct *work)
{
    card *const c = container_of(work, card, reset);
#ifdef FIXED
    cancel_delayed_work_sync(ctx, &c->poll);
#else
    flush_workqueue(ctx, c->wq); // <-- error
#endif
}

int probe(ProcessCtx ctx, card &c)
{
    c.wq = KCTX_TRY(alloc_ordered_workqueue(ctx, "card", 0), return -ENOMEM);
    INIT_WORK(&c.reset, handler<reset>);
    queue_work(ctx, c.wq, &c.reset);
    queue_delayed_work(ctx, c.wq, &c.poll, HZ);
    return 0;
}
