// SPDX-License-Identifier: BSL-1.0
// What the trace shows: a driver's interrupt handler allocates, and the allocator offers the CPU.
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

irqreturn_t drv_interrupt(IrqCtx ctx, int, void *)
{
    void *buffer = KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), return IRQ_NONE); // <-- rejected
    kfree(ctx, buffer);
    return IRQ_HANDLED;
}
