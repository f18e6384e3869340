// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-version
// EXPECT call: __GFP_DIRECT_RECLAIM
// EXPECT context: none, the kernel version decides
// EXPECT fix: __GFP_WAIT
// FLAGS: -DKCTX_KERNEL_VERSION=KCTX_VERSION(2,6,33)
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

char *impatient(ThreadedIrqCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, 16, GFP_KERNEL & ~__GFP_WAIT), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, 16, GFP_KERNEL & ~__GFP_DIRECT_RECLAIM), // <-- error
                    return nullptr);
#endif
}
