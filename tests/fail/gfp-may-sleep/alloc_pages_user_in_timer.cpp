// SPDX-License-Identifier: BSL-1.0
// GFP_USER may sleep just as well.
// EXPECT slug: gfp-may-sleep
// EXPECT call: alloc_pages
// EXPECT context: TimerCtx.*GFP_USER
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

page *refill(TimerCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC, 2), return nullptr);
#else
    return KCTX_TRY(alloc_pages(ctx, GFP_USER, 2), return nullptr); // <-- error
#endif
}
