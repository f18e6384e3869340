// SPDX-License-Identifier: BSL-1.0
// A handler with other arguments than its registration passes.
// EXPECT slug: handler-context
// EXPECT call: tasklet_setup
// EXPECT context: in a TaskletCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/tasklet.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static void drain(TaskletCtx, tasklet_struct *) {}
#else
static void drain(TaskletCtx, unsigned long) {}
#endif

void setup(tasklet_struct *t)
{
    tasklet_setup(t, handler<drain>); // <-- error
}
