// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: free_irq
// EXPECT context: HardIrqCtx
// EXPECT fix: work item
#include <kctx/api/interrupt.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct probe_line {
    unsigned int irq;
    work_struct release;
};

static irqreturn_t probe_isr(HardIrqCtx ctx, int, void *dev)
{
    probe_line *p = static_cast<probe_line *>(dev);
#ifdef FIXED
    schedule_work(ctx, &p->release);
#else
    free_irq(ctx, p->irq, p); // <-- error
#endif
    return IRQ_HANDLED;
}

int probe_lines(ProcessCtx ctx, probe_line *p)
{
    return request_irq(ctx, p->irq, handler<probe_isr>, IRQF_NO_THREAD, "probe", p);
}
