// SPDX-License-Identifier: BSL-1.0
// The caller's context decides over the helper's flags.
// EXPECT slug: gfp-may-sleep
// EXPECT call: kmalloc_array
// EXPECT context: SoftirqCtx.*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

template <context C, gfp_set G> unsigned *alloc_ring(C ctx, size_t slots, G flags)
{
    return KCTX_TRY(kmalloc_array(ctx, slots, sizeof(unsigned), flags), // <-- error
                    return nullptr);
}

unsigned *refill_ring(SoftirqCtx ctx)
{
#ifdef FIXED
    return alloc_ring(ctx, 64, GFP_ATOMIC | __GFP_NOWARN);
#else
    return alloc_ring(ctx, 64, GFP_KERNEL | __GFP_NOWARN);
#endif
}
