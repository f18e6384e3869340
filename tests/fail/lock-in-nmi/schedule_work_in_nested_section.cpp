// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-in-nmi
// EXPECT call: schedule_work
// EXPECT context: PreemptDisabled<kctx::NmiCtx>
// EXPECT fix: queue the work in the irq_work
#include <kctx/api/irq_work.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

void panic_nmi([[maybe_unused]] NmiCtx ctx, work_struct *dump, irq_work *report)
{
    KCTX_PREEMPT_DISABLE(ctx) {
#ifdef FIXED
        static_cast<void>(dump);
        irq_work_queue(report);
#else
        static_cast<void>(report);
        schedule_work(ctx, dump); // <-- error
#endif
    }
}
