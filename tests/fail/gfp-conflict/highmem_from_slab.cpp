// SPDX-License-Identifier: BSL-1.0
// kmalloc() returns an address, and highmem has none of its own.
// EXPECT slug: gfp-conflict
// EXPECT call: kmalloc
// EXPECT context: ProcessCtx.*GFP_HIGHUSER
// EXPECT fix: slabs have no HIGHMEM
#include <kctx/kctx.hpp>

using namespace kctx;

char *user_buffer(ProcessCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, 4096, GFP_USER), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, 4096, GFP_HIGHUSER), return nullptr); // <-- error
#endif
}
