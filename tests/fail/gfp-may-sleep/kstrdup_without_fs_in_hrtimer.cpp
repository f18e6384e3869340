// SPDX-License-Identifier: BSL-1.0
// What is left of GFP_KERNEL without __GFP_FS may sleep.
// EXPECT slug: gfp-may-sleep
// EXPECT call: kstrdup
// EXPECT context: HrtimerCtx<.*soft>.*GFP_KERNEL
// EXPECT fix: work item
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

char *rename(HrtimerCtx<soft> ctx, const char *name)
{
#ifdef FIXED
    return KCTX_TRY(kstrdup(ctx, name, GFP_KERNEL & ~__GFP_DIRECT_RECLAIM), return nullptr);
#else
    return KCTX_TRY(kstrdup(ctx, name, GFP_KERNEL & ~__GFP_FS), return nullptr); // <-- error
#endif
}
