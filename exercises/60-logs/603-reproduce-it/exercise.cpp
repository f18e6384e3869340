// SPDX-License-Identifier: BSL-1.0
// This driver is built unchecked: nothing is rejected here, and the machine has the last word.
// What is wanted in its log, once:
//
//     BUG: scheduling while atomic: insmod/826/0x00000002
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

struct oops_lock : spinlock_t {};

static oops_lock lock_a;

// insmod, pid 826, calls it; Linux 2.6.32, PowerPC, CONFIG_PREEMPT.
void oops_log([[maybe_unused]] ProcessCtx ctx)
{
    // [[solve]]
    KCTX_SPIN_LOCK(ctx, lock_a) {
        schedule_timeout_uninterruptible(ctx, 1);
    }
    // [[stub]]
    // TODO 1: what was held, and what was called?
    KCTX_SPIN_LOCK(ctx, lock_a) {
        udelay(1000);
    }
    // [[wrong nothing-held]]
    schedule_timeout_uninterruptible(ctx, 1);
    // [[wrong two-levels]]
    KCTX_PREEMPT_DISABLE(ctx) {
        KCTX_SPIN_LOCK(ctx, lock_a) {
            schedule_timeout_uninterruptible(ctx, 1);
        }
    }
    // [[wrong twice]]
    KCTX_SPIN_LOCK(ctx, lock_a) {
        schedule_timeout_uninterruptible(ctx, 1);
        schedule_timeout_uninterruptible(ctx, 1);
    }
    // [[end]]
}
