// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: timer-sync-in-hardirq
// EXPECT call: timer_delete_sync
// EXPECT context: IrqCtx
// EXPECT fix: timer_delete() here
#include <kctx/api/interrupt.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct line {
    timer_list debounce;
};

irqreturn_t line_isr(IrqCtx ctx, int, void *dev)
{
    line *l = static_cast<line *>(dev);
#ifdef FIXED
    timer_delete(ctx, &l->debounce);
#else
    timer_delete_sync(ctx, &l->debounce); // <-- error
#endif
    return IRQ_HANDLED;
}
