// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: request_irq
// EXPECT context: IrqCtx
// EXPECT fix: probe time
#include <kctx/api/interrupt.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static irqreturn_t child_isr(IrqCtx, int, void *) { return IRQ_HANDLED; }

struct hub {
    work_struct attach;
    unsigned int child;
};

irqreturn_t hub_isr(IrqCtx ctx, int, void *dev)
{
    hub *h = static_cast<hub *>(dev);
#ifdef FIXED
    schedule_work(ctx, &h->attach);
    return IRQ_HANDLED;
#else
    if (request_irq(ctx, h->child, handler<child_isr>, IRQF_SHARED, "child", h)) // <-- error
        return IRQ_NONE;
    return IRQ_HANDLED;
#endif
}

int hub_attach(WorkCtx ctx, hub *h)
{
    return request_irq(ctx, h->child, handler<child_isr>, IRQF_SHARED, "child", h);
}
