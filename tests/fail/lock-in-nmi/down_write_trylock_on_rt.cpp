// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-in-nmi
// EXPECT call: down_write_trylock
// EXPECT context: NmiCtx
// EXPECT fix: irq_work_queue
#ifdef FIXED
#define KCTX_PREEMPT_RT 0
#else
#define KCTX_PREEMPT_RT 1
#endif
#include <kctx/kctx.hpp>
#include <kctx/lock/rwsem.hpp>

void shrink([[maybe_unused]] kctx::NmiCtx ctx, kctx::rw_semaphore *map, int &pages)
{
    KCTX_DOWN_WRITE_TRYLOCK(ctx, *map) { // <-- error
        pages--;
    }
}
