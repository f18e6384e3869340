// SPDX-License-Identifier: BSL-1.0
// On PREEMPT_RT a spinlock_t makes a reader.
// EXPECT slug: wait-for-self
// EXPECT call: rcu_barrier
// EXPECT context: SpinLocked<module_lock, kctx::ProcessCtx>
// EXPECT fix: call_rcu
// FLAGS: -DKCTX_PREEMPT_RT=1
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct module_lock : spinlock_t {};

void unload([[maybe_unused]] ProcessCtx ctx, module_lock *lock, int &modules)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
        modules--;
#ifndef FIXED
        rcu_barrier(ctx); // <-- error
#endif
    }
#ifdef FIXED
    rcu_barrier(ctx);
#endif
}
