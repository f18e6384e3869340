// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: cancel_work_sync
// EXPECT context: IrqCtx
// EXPECT fix: cancel_work()
#include <kctx/api/interrupt.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct slot {
    work_struct scan;
    bool present;
};

irqreturn_t slot_isr(IrqCtx ctx, int, void *dev)
{
    slot *s = static_cast<slot *>(dev);
    s->present = false;
#ifdef FIXED
    cancel_work(ctx, &s->scan);
#else
    cancel_work_sync(ctx, &s->scan); // <-- error
#endif
    return IRQ_HANDLED;
}
