// SPDX-License-Identifier: BSL-1.0
// BUG: debugger, kgdboc: on leaving the debugger a work item is queued to reset the keyboard
// CONTEXT: NMI, which parks the CPUs
// CHAIN: kgdb_handle_exception > kgdboc_post_exp_handler > kgdboc_restore_input > schedule_work
// SOURCE: https://lore.kernel.org/r/20240410071810.3432842-1-liu.yec@h3c.com
// EXPECT slug: lock-in-nmi
// EXPECT call: schedule_work
// EXPECT context: NmiCtx
// EXPECT fix: irq_work
#include <kctx/api/irq_work.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct kgdboc {
    work_struct restore_input;
    irq_work queue_restore;
};

void queue_restore_input(IrqWorkCtx ctx, irq_work *work)
{
    schedule_work(ctx, &container_of(work, kgdboc, queue_restore)->restore_input);
}

void init(kgdboc *k) { init_irq_work(&k->queue_restore, handler<queue_restore_input>); }

void kgdboc_post_exp_handler([[maybe_unused]] NmiCtx ctx, kgdboc *k)
{
#ifdef FIXED
    irq_work_queue(&k->queue_restore);
#else
    schedule_work(ctx, &k->restore_input); // <-- error
#endif
}
