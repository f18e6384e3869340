// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rcu-outside-reader
// EXPECT call: rcu_dereference
// EXPECT context: ProcessCtx
// EXPECT fix: KCTX_RCU_READ_LOCK(ctx)
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct config {
    int level;
};

int level([[maybe_unused]] ProcessCtx ctx, config *const &current)
{
#ifdef FIXED
    KCTX_RCU_READ_LOCK(ctx) {
        return rcu_dereference(ctx, current)->level;
    }
    return 0;
#else
    return rcu_dereference(ctx, current)->level; // <-- error
#endif
}
