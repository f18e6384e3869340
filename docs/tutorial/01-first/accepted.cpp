// SPDX-License-Identifier: BSL-1.0
// The device needs a moment between two commands.
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

irqreturn_t button_isr(IrqCtx, int, void *)
{
    udelay(20);
    return IRQ_HANDLED;
}
