// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: kthread_stop
// EXPECT context: NonBlocking<kctx::ProcessCtx>
// EXPECT fix: remove time
#include <kctx/api/kthread.hpp>
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/non_block.hpp>

using namespace kctx;

int invalidate([[maybe_unused]] ProcessCtx ctx, task_struct *thread, bool &valid)
{
    KCTX_NON_BLOCK(ctx) {
        valid = false;
#ifndef FIXED
        return kthread_stop(ctx, thread); // <-- error
#endif
    }
    return kthread_stop(ctx, thread);
}
