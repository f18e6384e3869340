// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: unchecked-result
// EXPECT call: __get_free_pages
// EXPECT context: any context
// EXPECT fix: KCTX_TRY
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

unsigned long pages(TaskletCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(__get_free_pages(ctx, GFP_ATOMIC, 1), return 0);
#else
    return __get_free_pages(ctx, GFP_ATOMIC, 1); // <-- error
#endif
}
