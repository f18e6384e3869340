// SPDX-License-Identifier: BSL-1.0
// Eight pages in a row at any price.
// EXPECT slug: nofail-high-order
// EXPECT call: alloc_pages
// EXPECT context: ProcessCtx
// EXPECT fix: handle its failure
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

page *journal(ProcessCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(alloc_pages(ctx, GFP_NOFS | __GFP_NOFAIL, order_c<1>), return nullptr);
#else
    return KCTX_TRY(alloc_pages(ctx, GFP_NOFS | __GFP_NOFAIL, order_c<3>), // <-- error
                    return nullptr);
#endif
}
