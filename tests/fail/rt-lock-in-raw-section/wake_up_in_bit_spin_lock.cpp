// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: wake_up_all
// EXPECT context: BitSpinLocked<kctx::WorkCtx>
// EXPECT fix: irq_work
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bit_spinlock.hpp>

using namespace kctx;

void release([[maybe_unused]] WorkCtx ctx, unsigned long *word, wait_queue_head_t *waiters)
{
    KCTX_BIT_SPIN_LOCK(ctx, 0, *word) {
#ifndef FIXED
        wake_up_all(ctx, waiters); // <-- error
#endif
    }
#ifdef FIXED
    wake_up_all(ctx, waiters);
#endif
}
