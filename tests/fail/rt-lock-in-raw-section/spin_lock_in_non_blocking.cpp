// SPDX-License-Identifier: BSL-1.0
// A spinlock_t blocks on PREEMPT_RT.
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock
// EXPECT context: NonBlocking<kctx::KthreadCtx>
// EXPECT fix: raw_spinlock_t
#ifdef FIXED
#define KCTX_PREEMPT_RT 0
#endif
#include <kctx/kctx.hpp>
#include <kctx/lock/non_block.hpp>

using namespace kctx;

void notify([[maybe_unused]] KthreadCtx ctx, spinlock_t *lock, int &generation)
{
    KCTX_NON_BLOCK(ctx) {
        KCTX_SPIN_LOCK(ctx, *lock) { // <-- error
            generation++;
        }
    }
}
