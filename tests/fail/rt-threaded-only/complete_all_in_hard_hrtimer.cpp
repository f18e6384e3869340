// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-threaded-only
// EXPECT call: complete_all
// EXPECT context: HrtimerCtx<.*hard>
// EXPECT fix: threaded irq or work item
// FLAGS: -DKCTX_PREEMPT_RT=1
#include <kctx/api/completion.hpp>
#include <kctx/api/hrtimer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
hrtimer_restart timeout(HrtimerCtx<soft> ctx, hrtimer *, completion *done)
#else
hrtimer_restart timeout(HrtimerCtx<hard> ctx, hrtimer *, completion *done)
#endif
{
    complete_all(ctx, done); // <-- error
    return HRTIMER_NORESTART;
}
