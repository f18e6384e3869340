// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: prepare_to_wait
// EXPECT context: PreemptDisabled<kctx::KthreadCtx>
// EXPECT fix: leave the atomic section first
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

void queue_up([[maybe_unused]] KthreadCtx ctx, wait_queue_head_t *queue, wait_queue_entry *self)
{
#ifdef FIXED
    prepare_to_wait(ctx, queue, self, TASK_INTERRUPTIBLE);
#else
    KCTX_PREEMPT_DISABLE(ctx) {
        prepare_to_wait(ctx, queue, self, TASK_INTERRUPTIBLE); // <-- error
    }
#endif
}
