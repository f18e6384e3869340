// SPDX-License-Identifier: BSL-1.0
// Flags that are the literal 0, as most drivers write them: the handler runs in IrqCtx.
// EXPECT slug: handler-context
// EXPECT call: request_irq
// EXPECT context: in an IrqCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static irqreturn_t isr(IrqCtx, int, void *) { return IRQ_HANDLED; }
#else
static irqreturn_t isr(ProcessCtx, int, void *) { return IRQ_HANDLED; }
#endif

int probe(ProcessCtx ctx, unsigned int irq, void *dev)
{
    return request_irq(ctx, irq, handler<isr>, 0, "dev", dev); // <-- error
}
