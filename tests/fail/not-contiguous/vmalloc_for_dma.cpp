// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: not-contiguous
// EXPECT call: vmalloc
// EXPECT context: any context
// EXPECT fix: kmalloc
#include <kctx/api/dma.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

dma_addr_t give(ProcessCtx ctx, device *dev)
{
#ifdef FIXED
    char *buffer = KCTX_TRY(kmalloc(ctx, 16384, GFP_KERNEL), return 0);
#else
    vmalloc_ptr<char> buffer = KCTX_TRY(vmalloc(ctx, 16384), return 0);
#endif
    return dma_map_single(ctx, dev, buffer, 16384, DMA_TO_DEVICE); // <-- error
}
