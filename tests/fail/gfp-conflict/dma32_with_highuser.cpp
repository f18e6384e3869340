// SPDX-License-Identifier: BSL-1.0
// The zone that GFP_HIGHUSER names without saying so.
// EXPECT slug: gfp-conflict
// EXPECT call: alloc_pages
// EXPECT context: SyscallCtx.*GFP_HIGHUSER, .*__GFP_DMA32
// EXPECT fix: name one zone
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

page *user_page(SyscallCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(alloc_pages(ctx, GFP_USER | __GFP_DMA32, 0), return nullptr);
#else
    return KCTX_TRY(alloc_pages(ctx, GFP_HIGHUSER | __GFP_DMA32, 0), return nullptr); // <-- error
#endif
}
