// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: wait-for-self
// EXPECT call: queue_work
// EXPECT context: IrqCtx
// EXPECT fix: name it in workqueue_of<>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct reset_work : work_struct {};
struct poll_work : work_struct {};
struct card {
#ifdef FIXED
    workqueue_of<reset_work, poll_work> wq;
#else
    workqueue_of<reset_work> wq;
#endif
    reset_work reset;
    poll_work poll;
};

void isr(IrqCtx ctx, card &c)
{
    queue_work(ctx, c.wq, &c.reset);
    queue_work(ctx, c.wq, &c.poll); // <-- error
}
