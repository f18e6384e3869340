// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-version
// EXPECT call: __GFP_REPEAT
// EXPECT context: none, the kernel version decides
// EXPECT fix: __GFP_RETRY_MAYFAIL
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

char *big_buffer(ProcessCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, 65536, GFP_KERNEL | __GFP_RETRY_MAYFAIL), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, 65536, GFP_KERNEL | __GFP_REPEAT), return nullptr); // <-- error
#endif
}
