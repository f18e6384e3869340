// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: missing-token
// EXPECT call: kmalloc
// EXPECT context: none, that is what is missing
// EXPECT fix: pass the token
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

int *counter([[maybe_unused]] ProcessCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_KERNEL), return nullptr);
#else
    return KCTX_TRY(kmalloc(sizeof(int), GFP_KERNEL), return nullptr); // <-- error
#endif
}
