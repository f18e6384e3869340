// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: unchecked-result
// EXPECT call: alloc_page
// EXPECT context: any context
// EXPECT fix: KCTX_TRY
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

void *buffer(IrqCtx ctx)
{
#ifdef FIXED
    return page_address(KCTX_TRY(alloc_page(ctx, GFP_ATOMIC), return nullptr));
#else
    return page_address(alloc_page(ctx, GFP_ATOMIC)); // <-- error
#endif
}
