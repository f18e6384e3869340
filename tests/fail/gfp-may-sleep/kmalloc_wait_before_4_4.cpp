// SPDX-License-Identifier: BSL-1.0
// Before 4.4 one flag, __GFP_WAIT, said that an allocation may wait.
// EXPECT slug: gfp-may-sleep
// EXPECT call: kmalloc
// EXPECT context: RawSpinLockedIrqsave<fifo_lock, kctx::ProcessCtx>.*__GFP_WAIT
// EXPECT fix: GFP_ATOMIC
// FLAGS: -DKCTX_KERNEL_VERSION=KCTX_VERSION(2,6,33) -DKCTX_PREEMPT_RT=0
#include <kctx/kctx.hpp>

using namespace kctx;

struct fifo_lock : raw_spinlock_t {};

bool push([[maybe_unused]] ProcessCtx ctx, fifo_lock *lock, int **slot)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, *lock) {
#ifdef FIXED
        *slot = KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_ATOMIC), return false);
#else
        *slot = KCTX_TRY(kmalloc(ctx, sizeof(int), __GFP_WAIT | __GFP_IO), // <-- error
                         return false);
#endif
    }
    return true;
}
