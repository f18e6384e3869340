// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: alloc-in-raw-section
// EXPECT call: kfree
// EXPECT context: IrqsDisabled<kctx::ProcessCtx>
// EXPECT fix: after the raw section
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

void swap_buffer([[maybe_unused]] ProcessCtx ctx, int **current, int *fresh)
{
    int *old = *current;
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        *current = fresh;
#ifndef FIXED
        kfree(ctx, old); // <-- error
#endif
    }
#ifdef FIXED
    kfree(ctx, old);
#endif
}
