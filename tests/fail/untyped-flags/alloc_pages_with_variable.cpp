// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: untyped-flags
// EXPECT call: alloc_pages
// EXPECT context: IrqCtx
// EXPECT fix: GFP_ATOMIC
// UNCHECKED: rejected
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
template <gfp_set G> page *pages(IrqCtx ctx, G flags)
#else
page *pages(IrqCtx ctx, unsigned int flags)
#endif
{
    return KCTX_TRY(alloc_pages(ctx, flags, 2), return nullptr); // <-- error
}

page *rx_pages(IrqCtx ctx)
{
#ifdef FIXED
    return pages(ctx, GFP_ATOMIC);
#else
    return pages(ctx, 0x820);
#endif
}
