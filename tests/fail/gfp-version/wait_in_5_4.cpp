// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-version
// EXPECT call: __GFP_WAIT
// EXPECT context: none, the kernel version decides
// EXPECT fix: __GFP_DIRECT_RECLAIM
// FLAGS: -DKCTX_KERNEL_VERSION=KCTX_VERSION(5,4,0)
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

char *patient(KthreadCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, 16, __GFP_DIRECT_RECLAIM), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, 16, __GFP_WAIT), return nullptr); // <-- error
#endif
}
