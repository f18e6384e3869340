// SPDX-License-Identifier: BSL-1.0
// A receive buffer of order 4. __GFP_NOWARN says that the caller can do with a smaller one.
// EXPECT slug: costly-atomic-order
// EXPECT call: alloc_pages
// EXPECT context: NapiCtx
// EXPECT fix: __GFP_NOWARN
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

page *refill(NapiCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC | __GFP_NOWARN, order_c<4>), return nullptr);
#else
    return KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC, order_c<4>), return nullptr); // <-- error
#endif
}
