// SPDX-License-Identifier: BSL-1.0
// The same code is legal where PREEMPT_RT is not meant.
// EXPECT slug: alloc-in-raw-section
// EXPECT call: kfree
// EXPECT context: RawSpinLocked<pool_lock, kctx::IrqCtx>
// EXPECT fix: after the raw section
#ifdef FIXED
#define KCTX_PREEMPT_RT 0
#else
#define KCTX_PREEMPT_RT 1
#endif
#include <kctx/kctx.hpp>

using namespace kctx;

struct pool_lock : raw_spinlock_t {};

void drop([[maybe_unused]] IrqCtx ctx, pool_lock *lock, int **buffer)
{
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
        kfree(ctx, *buffer); // <-- error
        *buffer = nullptr;
    }
}
