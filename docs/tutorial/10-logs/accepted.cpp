// SPDX-License-Identifier: BSL-1.0
// The allocation does not wait, and the handler has a way on without the memory.
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

irqreturn_t drv_interrupt(IrqCtx ctx, int, void *)
{
    void *buffer = KCTX_TRY(kmalloc(ctx, 4096, GFP_ATOMIC), return IRQ_NONE);
    kfree(ctx, buffer);
    return IRQ_HANDLED;
}
