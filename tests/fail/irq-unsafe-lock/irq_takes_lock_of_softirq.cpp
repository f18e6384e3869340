// SPDX-License-Identifier: BSL-1.0
// The lock's type names a softirq only, so that others keep out no interrupt.
// EXPECT slug: irq-unsafe-lock
// EXPECT call: raw_spin_lock
// EXPECT context: kctx::HardIrqCtx
// EXPECT fix: name all that take it
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

#ifdef FIXED
struct queue_lock : raw_spinlock_t, used_in<TaskletCtx, HardIrqCtx> {};
#else
struct queue_lock : raw_spinlock_t, used_in<TaskletCtx> {};
#endif

void hard_handler(HardIrqCtx ctx, queue_lock &lock, int &queued)
{
    KCTX_RAW_SPIN_LOCK(ctx, lock) { // <-- error
        queued++;
    }
}
