// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: INIT_WORK
// EXPECT context: in a WorkCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static void scan(WorkCtx ctx, work_struct *) { msleep(ctx, 20); }
#else
static void scan(IrqCtx, work_struct *) {}
#endif

void setup(work_struct *work)
{
    INIT_WORK(work, handler<scan>); // <-- error
}
