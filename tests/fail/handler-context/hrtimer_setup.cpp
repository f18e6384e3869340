// SPDX-License-Identifier: BSL-1.0
// The mode decides the context.
// EXPECT slug: handler-context
// EXPECT call: hrtimer_setup
// EXPECT context: HrtimerCtx<>, <hard> or <soft>
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/hrtimer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static hrtimer_restart beat(HrtimerCtx<soft>, hrtimer *) { return HRTIMER_NORESTART; }

void setup(hrtimer *timer)
{
#ifdef FIXED
    hrtimer_setup(timer, handler<beat>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
#else
    hrtimer_setup(timer, handler<beat>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD); // <-- error
#endif
}
