// SPDX-License-Identifier: BSL-1.0
// A capture card writes its frames by DMA, 64 kB in a row. The machine has run for weeks: what is
// free lies in single pages, with drivers' pages in between. 16 MB were set aside at boot (CMA).
#include <kctx/api/dma.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr size_t FRAME = 64 * 1024;

struct capture {
    device *dev;
    void *frame;
    dma_addr_t address; // of the frame, for the card
};

// 0 or -ENOMEM.
int capture_probe(ProcessCtx ctx, capture *c)
{
    // [[solve]]
    c->frame = KCTX_TRY(dma_alloc_coherent(ctx, c->dev, FRAME, &c->address, GFP_KERNEL), return -ENOMEM);
    // [[stub]]
    c->frame = KCTX_TRY(kmalloc(ctx, FRAME, GFP_KERNEL), return -ENOMEM); // TODO 1: who has 16 pages in a row?
    c->address = dma_map_single(ctx, c->dev, c->frame, FRAME, DMA_FROM_DEVICE);
    // [[wrong atomic]]
    c->frame = KCTX_TRY(dma_alloc_coherent(ctx, c->dev, FRAME, &c->address, GFP_ATOMIC), return -ENOMEM);
    // [[wrong scattered]]
    c->frame = KCTX_TRY(vmalloc(ctx, FRAME), return -ENOMEM);
    c->address = dma_map_single(ctx, c->dev, c->frame, FRAME, DMA_FROM_DEVICE);
    // [[wrong tries-harder]]
    c->frame = KCTX_TRY(kmalloc(ctx, FRAME, GFP_KERNEL | __GFP_RETRY_MAYFAIL), return -ENOMEM);
    c->address = dma_map_single(ctx, c->dev, c->frame, FRAME, DMA_FROM_DEVICE);
    // [[end]]
    return 0;
}

void capture_remove(ProcessCtx ctx, capture *c)
{
    // [[solve]]
    dma_free_coherent(ctx, c->dev, FRAME, c->frame, c->address);
    // [[stub]]
    dma_unmap_single(ctx, c->dev, c->address, FRAME, DMA_FROM_DEVICE); // TODO 2: in the same way
    kfree(ctx, c->frame);
    // [[wrong no-way-back]]
    (void)ctx;
    // [[end]]
    c->frame = nullptr;
}
