// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: kthread_run
// EXPECT context: in KthreadCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/kthread.hpp>
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static int collect(KthreadCtx, void *) { return 0; }
#else
static int collect(SyscallCtx, void *) { return 0; }
#endif

task_struct *start(ProcessCtx ctx)
{
    return kthread_run(ctx, handler<collect>, nullptr, "collect"); // <-- error
}
