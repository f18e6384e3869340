// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: rt_mutex_lock
// EXPECT context: SpinLockedBh<flow_lock, kctx::ProcessCtx>
// EXPECT fix: work item
#include <kctx/kctx.hpp>
#include <kctx/lock/rt_mutex.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

struct flow_lock : spinlock_t {};

struct adapter {
    rt_mutex i2c;
    flow_lock lock;
    int transfers;
};

void adapter_count([[maybe_unused]] ProcessCtx ctx, adapter *a)
{
#ifdef FIXED
    KCTX_RT_MUTEX_LOCK(ctx, a->i2c) {
        KCTX_SPIN_LOCK_BH(ctx, a->lock) {
            a->transfers++;
        }
    }
#else
    KCTX_SPIN_LOCK_BH(ctx, a->lock) {
        KCTX_RT_MUTEX_LOCK(ctx, a->i2c) { // <-- error
            a->transfers++;
        }
    }
#endif
}
