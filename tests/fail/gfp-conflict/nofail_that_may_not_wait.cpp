// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-conflict
// EXPECT call: kmalloc
// EXPECT context: TimerCtx.*GFP_ATOMIC, .*__GFP_NOFAIL
// EXPECT fix: NOFAIL only where it may wait
#include <kctx/kctx.hpp>

using namespace kctx;

int *must_have(TimerCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_ATOMIC), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_ATOMIC | __GFP_NOFAIL), // <-- error
                    return nullptr);
#endif
}
