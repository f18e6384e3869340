// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-conflict
// EXPECT call: alloc_pages
// EXPECT context: ProcessCtx.*__GFP_DMA, .*__GFP_HIGHMEM
// EXPECT fix: name one zone
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

page *low_pages(ProcessCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(alloc_pages(ctx, GFP_KERNEL | __GFP_DMA, 0), return nullptr);
#else
    return KCTX_TRY(alloc_pages(ctx, GFP_KERNEL | __GFP_DMA | __GFP_HIGHMEM, 0), // <-- error
                    return nullptr);
#endif
}
