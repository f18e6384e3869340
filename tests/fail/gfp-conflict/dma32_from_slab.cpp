// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-conflict
// EXPECT call: kmem_cache_alloc
// EXPECT context: NapiCtx.*GFP_ATOMIC, .*__GFP_DMA32
// EXPECT fix: slabs have no HIGHMEM, no DMA32
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

void *next_descriptor(NapiCtx ctx, kmem_cache *descriptors)
{
#ifdef FIXED
    return KCTX_TRY(kmem_cache_alloc(ctx, descriptors, GFP_ATOMIC | __GFP_DMA), return nullptr);
#else
    return KCTX_TRY(kmem_cache_alloc(ctx, descriptors, GFP_ATOMIC | __GFP_DMA32), // <-- error
                    return nullptr);
#endif
}
