// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: untyped-flags
// EXPECT call: kmalloc
// EXPECT context: ProcessCtx
// EXPECT fix: GFP_KERNEL
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

char *buffer(ProcessCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, 64, GFP_KERNEL), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, 64, 0xcc0), return nullptr); // <-- error
#endif
}
