// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-version
// EXPECT call: GFP_TEMPORARY
// EXPECT context: none, the kernel version decides
// EXPECT fix: GFP_KERNEL
// FLAGS: -DKCTX_KERNEL_VERSION=KCTX_VERSION(5,4,0)
// UNCHECKED: rejected
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

unsigned long scratch(SyscallCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(__get_free_page(ctx, GFP_KERNEL | __GFP_RECLAIMABLE), return 0);
#else
    return KCTX_TRY(__get_free_page(ctx, GFP_TEMPORARY), return 0); // <-- error
#endif
}
