// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: hardirq-only
// EXPECT call: add_interrupt_randomness
// EXPECT context: TaskletCtx
// EXPECT fix: IRQF_NO_THREAD
#include <kctx/api/random.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
void stir(HardIrqCtx ctx, int irq)
#else
void stir(TaskletCtx ctx, int irq)
#endif
{
    add_interrupt_randomness(ctx, irq); // <-- error
}
