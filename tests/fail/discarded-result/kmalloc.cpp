// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: discarded-result
// EXPECT call: kmalloc
// EXPECT context: none, memory that nobody holds leaks everywhere
// EXPECT fix: KCTX_TRY
#include <kctx/api/slab.hpp>

void prepare(kctx::ProcessCtx ctx)
{
#ifdef FIXED
    kfree(ctx, KCTX_TRY(kmalloc(ctx, 64, kctx::GFP_KERNEL), return));
#else
    kmalloc(ctx, 64, kctx::GFP_KERNEL); // <-- error
#endif
}
