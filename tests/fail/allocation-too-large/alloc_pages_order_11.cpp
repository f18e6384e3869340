// SPDX-License-Identifier: BSL-1.0
// No free list holds blocks of order 11.
// EXPECT slug: allocation-too-large
// EXPECT call: alloc_pages
// EXPECT context: KthreadCtx
// EXPECT fix: smaller
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

page *frame(KthreadCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(alloc_pages(ctx, GFP_KERNEL, order_c<10>), return nullptr);
#else
    return KCTX_TRY(alloc_pages(ctx, GFP_KERNEL, order_c<11>), return nullptr); // <-- error
#endif
}
