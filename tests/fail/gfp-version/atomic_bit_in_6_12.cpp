// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-version
// EXPECT call: __GFP_ATOMIC
// EXPECT context: none, the kernel version decides
// EXPECT fix: __GFP_HIGH
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

char *urgent(IrqCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, 16, GFP_NOWAIT | __GFP_HIGH), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, 16, GFP_NOWAIT | __GFP_ATOMIC), return nullptr); // <-- error
#endif
}
