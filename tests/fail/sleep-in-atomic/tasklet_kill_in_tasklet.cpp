// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: tasklet_kill
// EXPECT context: TaskletCtx
// EXPECT fix: remove time
#include <kctx/api/tasklet.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

void drain([[maybe_unused]] TaskletCtx ctx, tasklet_struct *t)
{
#ifdef FIXED
    tasklet_disable_nosync(ctx, t);
#else
    tasklet_kill(ctx, t); // <-- error
#endif
}
