// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rcu-outside-reader
// EXPECT call: rcu_dereference_sched
// EXPECT context: RcuReader<kctx::KthreadCtx>
// EXPECT fix: KCTX_RCU_READ_LOCK_SCHED
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

int policy([[maybe_unused]] kctx::KthreadCtx ctx, int *const &current)
{
#ifdef FIXED
    KCTX_RCU_READ_LOCK_SCHED(ctx) {
#else
    KCTX_RCU_READ_LOCK(ctx) {
#endif
        return *rcu_dereference_sched(ctx, current); // <-- error
    }
    return 0;
}
