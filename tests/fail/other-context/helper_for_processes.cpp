// SPDX-License-Identifier: BSL-1.0
// A function that says which context it is for takes no other. The compilers say so in their own
// words: this is the language's own check of arguments.
// EXPECT text: 'kctx::IrqCtx' to 'kctx::ProcessCtx'|no matching function for call to 'card_reset'
// UNCHECKED: rejected
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static void card_reset(ProcessCtx ctx, int *state)
{
    msleep(ctx, 20);
    *state = 0;
}

#ifdef FIXED
irqreturn_t card_irq(ThreadedIrqCtx ctx, int, int *state)
#else
irqreturn_t card_irq(IrqCtx ctx, int, int *state)
#endif
{
    card_reset(ctx, state); // <-- error
    return IRQ_HANDLED;
}
