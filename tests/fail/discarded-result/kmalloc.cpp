// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: discarded-result
// EXPECT call: kmalloc
// EXPECT context: any context
// EXPECT fix: KCTX_TRY
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

void prepare(kctx::ProcessCtx ctx)
{
#ifdef FIXED
    kfree(ctx, KCTX_TRY(kmalloc(ctx, 64, kctx::GFP_KERNEL), return));
#else
    kmalloc(ctx, 64, kctx::GFP_KERNEL); // <-- error
#endif
}
