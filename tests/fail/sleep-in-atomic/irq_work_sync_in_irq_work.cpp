// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: irq_work_sync
// EXPECT context: IrqWorkCtx
// EXPECT fix: process context
#include <kctx/api/irq_work.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
void stop_reporting(ProcessCtx ctx, irq_work *report)
#else
void stop_reporting(IrqWorkCtx ctx, irq_work *report)
#endif
{
    irq_work_sync(ctx, report); // <-- error
}
