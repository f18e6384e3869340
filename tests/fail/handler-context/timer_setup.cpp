// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: timer_setup
// EXPECT context: in a TimerCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static void expired(TimerCtx, timer_list *) {}
#else
static void expired(WorkCtx, timer_list *) {}
#endif

void setup(timer_list *timer)
{
    timer_setup(timer, handler<expired>, 0); // <-- error
}
