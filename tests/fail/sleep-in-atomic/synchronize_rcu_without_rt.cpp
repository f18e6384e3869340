// SPDX-License-Identifier: BSL-1.0
// Without PREEMPT_RT a spinlock_t makes no RCU reader: only the sleep is wrong there.
// EXPECT slug: sleep-in-atomic
// EXPECT call: synchronize_rcu
// EXPECT context: SpinLocked<list_lock, kctx::ProcessCtx>
// EXPECT fix: call_rcu
// FLAGS: -DKCTX_PREEMPT_RT=0
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct list_lock : spinlock_t {};

void unlink([[maybe_unused]] ProcessCtx ctx, list_lock *lock, int *&entry)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
        entry = nullptr;
#ifndef FIXED
        synchronize_rcu(ctx); // <-- error
#endif
    }
#ifdef FIXED
    synchronize_rcu(ctx);
#endif
}
