// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: missing-token
// EXPECT call: request_irq
// EXPECT context: none, that is what is missing
// EXPECT fix: pass the token
// UNCHECKED: rejected
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static irqreturn_t isr(IrqCtx, int, void *) { return IRQ_HANDLED; }

int probe([[maybe_unused]] ProcessCtx ctx)
{
#ifdef FIXED
    return request_irq(ctx, 5, handler<isr>, IRQF_SHARED, "dev", nullptr);
#else
    return request_irq(5, handler<isr>, IRQF_SHARED, "dev", nullptr); // <-- error
#endif
}
