// SPDX-License-Identifier: BSL-1.0
// BUG: network, phonet: deleting a route waits for all readers, and the caller is one
// CONTEXT: rcu_read_lock
// CHAIN: route_doit > phonet_route_del > synchronize_rcu
// SOURCE: Fixes 17a1ac0018ae, 6.12.0-rc5, https://lore.kernel.org/r/20241106131818.1240710-1-edumazet@google.com
// EXPECT slug: wait-for-self
// EXPECT call: synchronize_rcu
// EXPECT context: RcuReader<kctx::SyscallCtx>
// EXPECT fix: after rcu_read_unlock()
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct route {
    int device = 0;
};

template <context C> route *phonet_route_del([[maybe_unused]] C ctx, route *&table)
{
    route *old = table;
    rcu_assign_pointer(table, static_cast<route *>(nullptr));
#ifndef FIXED
    synchronize_rcu(ctx); // <-- error
#endif
    return old;
}

void route_doit(SyscallCtx ctx, route *&table)
{
    route *old = nullptr;
    KCTX_RCU_READ_LOCK(ctx) {
        old = phonet_route_del(ctx, table);
    }
#ifdef FIXED
    synchronize_rcu(ctx);
#endif
    kfree(ctx, old);
}
