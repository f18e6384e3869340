// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-conflict
// EXPECT call: kzalloc
// EXPECT context: KthreadCtx.*__GFP_NORETRY, .*__GFP_NOFAIL
// EXPECT fix: one of NORETRY
#include <kctx/kctx.hpp>

using namespace kctx;

int *log_entry(KthreadCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kzalloc(ctx, sizeof(int), GFP_NOFS | __GFP_NOFAIL), return nullptr);
#else
    return KCTX_TRY(kzalloc(ctx, sizeof(int), GFP_NOFS | __GFP_NORETRY | __GFP_NOFAIL), // <-- error
                    return nullptr);
#endif
}
