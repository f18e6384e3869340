// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: wait-for-self
// EXPECT call: synchronize_rcu
// EXPECT context: RcuReader<kctx::ProcessCtx>
// EXPECT fix: after rcu_read_unlock
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

void replace([[maybe_unused]] kctx::ProcessCtx ctx, int *&current, int *fresh)
{
    KCTX_RCU_READ_LOCK(ctx) {
        current = fresh;
#ifndef FIXED
        synchronize_rcu(ctx); // <-- error
#endif
    }
#ifdef FIXED
    synchronize_rcu(ctx);
#endif
}
