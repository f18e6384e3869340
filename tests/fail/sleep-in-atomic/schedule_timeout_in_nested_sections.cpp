// SPDX-License-Identifier: BSL-1.0
// Leaving the inner section is not enough: the outer one forbids it, too.
// EXPECT slug: sleep-in-atomic
// EXPECT call: schedule_timeout
// EXPECT context: PreemptDisabled<kctx::ProcessCtx>
// EXPECT fix: leave the atomic section
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

struct chip_lock : raw_spinlock_t {};

long nand_wait([[maybe_unused]] ProcessCtx ctx, chip_lock *lock, int &status)
{
    KCTX_PREEMPT_DISABLE(ctx) {
        KCTX_RAW_SPIN_LOCK(ctx, *lock) {
            status = 1;
        }
#ifndef FIXED
        return schedule_timeout(ctx, 2); // <-- error
#endif
    }
    return schedule_timeout(ctx, 2);
}
