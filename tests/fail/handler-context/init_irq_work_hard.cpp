// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: init_irq_work_hard
// EXPECT context: in a HardIrqCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/irq_work.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static void report(IrqWorkCtx, irq_work *) {}

void setup(irq_work *work)
{
#ifdef FIXED
    init_irq_work(work, handler<report>);
#else
    init_irq_work_hard(work, handler<report>); // <-- error
#endif
}
