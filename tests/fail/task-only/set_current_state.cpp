// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: task-only
// EXPECT call: set_current_state
// EXPECT context: TaskletCtx
// EXPECT fix: threaded irq
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
void doze(KthreadCtx ctx)
#else
void doze(TaskletCtx ctx)
#endif
{
    set_current_state(ctx, TASK_INTERRUPTIBLE); // <-- error
}
