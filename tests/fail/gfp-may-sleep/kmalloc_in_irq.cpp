// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-may-sleep
// EXPECT call: kmalloc
// EXPECT context: IrqCtx.*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC
#include <kctx/kctx.hpp>

using namespace kctx;

void *init_rx_dma(IrqCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, 4096, GFP_ATOMIC), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), return nullptr); // <-- error
#endif
}
