// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-conflict
// EXPECT call: kmalloc
// EXPECT context: IrqCtx.*__GFP_DMA, .*__GFP_DMA32
// EXPECT fix: name one zone
#include <kctx/kctx.hpp>

using namespace kctx;

int *descriptor(IrqCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_ATOMIC | __GFP_DMA), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_ATOMIC | __GFP_DMA | __GFP_DMA32), // <-- error
                    return nullptr);
#endif
}
