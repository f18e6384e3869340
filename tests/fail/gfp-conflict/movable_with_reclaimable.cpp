// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-conflict
// EXPECT call: __get_free_page
// EXPECT context: WorkCtx.*__GFP_MOVABLE, .*__GFP_RECLAIMABLE
// EXPECT fix: one mobility
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

unsigned long cache_page(WorkCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(__get_free_page(ctx, GFP_NOFS | __GFP_RECLAIMABLE), return 0);
#else
    return KCTX_TRY(__get_free_page(ctx, GFP_NOFS | __GFP_MOVABLE | __GFP_RECLAIMABLE), // <-- error
                    return 0);
#endif
}
