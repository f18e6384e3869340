// SPDX-License-Identifier: BSL-1.0
// The same code is legal where PREEMPT_RT is not meant.
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock
// EXPECT context: RawSpinLockedIrqsave<hw_lock, kctx::ProcessCtx>
// EXPECT fix: outside raw sections
#ifdef FIXED
#define KCTX_PREEMPT_RT 0
#else
#define KCTX_PREEMPT_RT 1
#endif
#include <kctx/kctx.hpp>

using namespace kctx;

struct hw_lock : raw_spinlock_t {};
struct stats_lock : spinlock_t {};

void account([[maybe_unused]] ProcessCtx ctx, hw_lock *hw, stats_lock *stats, int &count)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, *hw) {
        KCTX_SPIN_LOCK(ctx, *stats) { // <-- error
            count++;
        }
    }
}
