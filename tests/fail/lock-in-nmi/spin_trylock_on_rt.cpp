// SPDX-License-Identifier: BSL-1.0
// A trylock waits for nobody, but PREEMPT_RT guards the lock with a raw one.
// EXPECT slug: lock-in-nmi
// EXPECT call: spin_trylock
// EXPECT context: NmiCtx
// EXPECT fix: irq_work_queue
#ifdef FIXED
#define KCTX_PREEMPT_RT 0
#endif
#include <kctx/kctx.hpp>
#include <kctx/lock/trylock.hpp>

using namespace kctx;

void dump([[maybe_unused]] NmiCtx ctx, spinlock_t *lock, int &dumps)
{
    KCTX_SPIN_TRYLOCK(ctx, *lock) { // <-- error
        dumps++;
    }
}
