// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-threaded-only
// EXPECT call: complete_all
// EXPECT context: HardIrqCtx
// EXPECT fix: complete() for one waiter
#include <kctx/api/completion.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

irqreturn_t power_isr(HardIrqCtx ctx, int, void *ready)
{
#ifdef FIXED
    complete(ctx, static_cast<completion *>(ready));
#else
    complete_all(ctx, static_cast<completion *>(ready)); // <-- error
#endif
    return IRQ_HANDLED;
}
