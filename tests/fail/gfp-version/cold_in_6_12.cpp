// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-version
// EXPECT call: __GFP_COLD
// EXPECT context: none, the kernel version decides
// EXPECT fix: leave it out
// UNCHECKED: rejected
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

page *rx_page(SoftirqCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC, 0), return nullptr);
#else
    return KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC | __GFP_COLD, 0), return nullptr); // <-- error
#endif
}
