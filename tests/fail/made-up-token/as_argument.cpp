// SPDX-License-Identifier: BSL-1.0
// A token of another context cannot be made where it is needed. The compilers' own words, as above.
// EXPECT text: ProcessCtx.* private|private.* 'kctx::ProcessCtx'
// UNCHECKED: rejected
#include <kctx/api/interrupt.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

irqreturn_t card_isr([[maybe_unused]] IrqCtx ctx, int, void *dev)
{
#ifdef FIXED
    schedule_work(ctx, static_cast<work_struct *>(dev));
#else
    cancel_work_sync(ProcessCtx{}, static_cast<work_struct *>(dev)); // <-- error
#endif
    return IRQ_HANDLED;
}
