// SPDX-License-Identifier: BSL-1.0
// GFP_NOIO keeps reclaim from starting I/O, not from waiting.
// EXPECT slug: gfp-may-sleep
// EXPECT call: __get_free_pages
// EXPECT context: TaskletCtx.*GFP_NOIO
// EXPECT fix: the higher the order
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

unsigned long next_buffer(TaskletCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(__get_free_pages(ctx, GFP_NOWAIT, 1), return 0);
#else
    return KCTX_TRY(__get_free_pages(ctx, GFP_NOIO, 1), return 0); // <-- error
#endif
}
