// SPDX-License-Identifier: BSL-1.0
// A timer is told to run a function for tasks.
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static void poll(ProcessCtx ctx, timer_list *) { msleep(ctx, 10); }

void start(timer_list *timer)
{
    timer_setup(timer, handler<poll>, 0); // <-- rejected
}
