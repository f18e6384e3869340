// SPDX-License-Identifier: BSL-1.0
// The other way round: too new for the kernel that is meant.
// EXPECT slug: gfp-version
// EXPECT call: __GFP_RETRY_MAYFAIL
// EXPECT context: none, the kernel version decides
// EXPECT fix: __GFP_REPEAT
// FLAGS: -DKCTX_KERNEL_VERSION=KCTX_VERSION(4,4,0)
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

char *big_buffer(ProcessCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, 65536, GFP_KERNEL | __GFP_REPEAT), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, 65536, GFP_KERNEL | __GFP_RETRY_MAYFAIL), // <-- error
                    return nullptr);
#endif
}
