// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: down
// EXPECT context: RcuReader<kctx::KthreadCtx>
// EXPECT fix: down_trylock
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>
#include <kctx/lock/semaphore.hpp>

using namespace kctx;

int claim_channel([[maybe_unused]] KthreadCtx ctx, semaphore *channels)
{
    KCTX_RCU_READ_LOCK(ctx) {
#ifdef FIXED
        return down_trylock(ctx, channels);
#else
        down(ctx, channels); // <-- error
#endif
    }
    return 0;
}
