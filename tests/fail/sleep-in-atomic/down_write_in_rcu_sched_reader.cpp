// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: down_write
// EXPECT context: RcuReaderSched<kctx::ProcessCtx>
// EXPECT fix: work item
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>
#include <kctx/lock/rwsem.hpp>

using namespace kctx;

struct registry {
    rw_semaphore lock;
    int modules;
};

void forget_module([[maybe_unused]] ProcessCtx ctx, registry *r)
{
#ifdef FIXED
    KCTX_DOWN_WRITE(ctx, r->lock) {
        KCTX_RCU_READ_LOCK_SCHED(ctx) {
            r->modules--;
        }
    }
#else
    KCTX_RCU_READ_LOCK_SCHED(ctx) {
        KCTX_DOWN_WRITE(ctx, r->lock) { // <-- error
            r->modules--;
        }
    }
#endif
}
