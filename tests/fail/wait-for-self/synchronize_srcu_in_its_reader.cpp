// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: wait-for-self
// EXPECT call: synchronize_srcu
// EXPECT context: SrcuReader<routes, kctx::WorkCtx>
// EXPECT fix: call_srcu()
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct routes : srcu_struct {};
struct names : srcu_struct {};

void replace(WorkCtx ctx, routes &domain, names &other, int *&current, int *fresh)
{
    KCTX_SRCU_READ_LOCK(ctx, domain) {
        current = fresh;
        synchronize_srcu(ctx, &other);
#ifndef FIXED
        synchronize_srcu(ctx, &domain); // <-- error
#endif
    }
    synchronize_srcu(ctx, &domain);
}
