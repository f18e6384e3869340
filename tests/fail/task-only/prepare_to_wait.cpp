// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: task-only
// EXPECT call: prepare_to_wait
// EXPECT context: SpinLocked<queue_lock, kctx::TimerCtx>
// EXPECT fix: work item
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct queue_lock : spinlock_t {};

#ifdef FIXED
void join([[maybe_unused]] WorkCtx ctx, queue_lock *lock, wait_queue_head_t *q, wait_queue_entry *e)
#else
void join([[maybe_unused]] TimerCtx ctx, queue_lock *lock, wait_queue_head_t *q,
          wait_queue_entry *e)
#endif
{
    KCTX_SPIN_LOCK(ctx, *lock) {
        prepare_to_wait(ctx, q, e, TASK_UNINTERRUPTIBLE); // <-- error
    }
}
