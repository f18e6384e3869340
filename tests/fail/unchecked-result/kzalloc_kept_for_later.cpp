// SPDX-License-Identifier: BSL-1.0
// Kept as it is, it is still unchecked.
// EXPECT slug: unchecked-result
// EXPECT call: kzalloc
// EXPECT context: any context
// EXPECT fix: return -ENOMEM
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

int *counter([[maybe_unused]] ProcessCtx ctx)
{
    KCTX_RCU_READ_LOCK(ctx) {
        auto fresh = kzalloc(ctx, sizeof(int), GFP_NOWAIT);
#ifdef FIXED
        return KCTX_TRY(fresh, return nullptr);
#else
        return fresh; // <-- error
#endif
    }
    return nullptr;
}
