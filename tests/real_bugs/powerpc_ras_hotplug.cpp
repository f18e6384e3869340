// SPDX-License-Identifier: BSL-1.0
// BUG: powerpc, pseries hotplug: the RAS interrupt queues an event in memory of GFP_KERNEL, unchecked
// CONTEXT: hard irq
// CHAIN: ras_hotplug_interrupt > queue_hotplug_event > kmalloc
// SOURCE: https://lore.kernel.org/r/20190528232801.7413-1-nathanl@linux.ibm.com
// EXPECT slug: gfp-may-sleep
// EXPECT call: kmalloc
// EXPECT context: IrqCtx.*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/interrupt.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct errorlog {
    int id;
};
struct hotplug_work {
    work_struct work;
    errorlog *log;
};

template <context C> void queue_hotplug_event(C ctx, hotplug_work *work, const errorlog *log)
{
#ifdef FIXED
    work->log = KCTX_TRY(kmemdup(ctx, log, sizeof *log, GFP_ATOMIC), return);
#else
    work->log = KCTX_TRY(kmalloc(ctx, sizeof *log, GFP_KERNEL), return); // <-- error
    *work->log = *log;
#endif
    schedule_work(ctx, &work->work);
}

irqreturn_t ras_hotplug_interrupt(IrqCtx ctx, int, void *data)
{
    const errorlog log{1};
    queue_hotplug_event(ctx, static_cast<hotplug_work *>(data), &log);
    return IRQ_HANDLED;
}

int init(ProcessCtx ctx, hotplug_work *work, unsigned int irq)
{
    return request_irq(ctx, irq, handler<ras_hotplug_interrupt>, IRQF_TRIGGER_NONE, "ras", work);
}
