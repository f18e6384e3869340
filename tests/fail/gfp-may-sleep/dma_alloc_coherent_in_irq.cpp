// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-may-sleep
// EXPECT call: dma_alloc_coherent
// EXPECT context: IrqCtx.*GFP_KERNEL
// EXPECT fix: at probe time
#include <kctx/api/dma.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct engine {
    device *dev;
    dma_addr_t address;
};

#ifdef FIXED
void *start_transfer(ProcessCtx ctx, engine *e)
#else
void *start_transfer(IrqCtx ctx, engine *e)
#endif
{
    return KCTX_TRY(dma_alloc_coherent(ctx, e->dev, 512, &e->address, GFP_KERNEL), // <-- error
                    return nullptr);
}
