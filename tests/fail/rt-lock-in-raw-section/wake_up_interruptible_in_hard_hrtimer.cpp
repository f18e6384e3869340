// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: wake_up_interruptible
// EXPECT context: HrtimerCtx<.*hard>
// EXPECT fix: swake_up_one
// FLAGS: -DKCTX_PREEMPT_RT=1
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct beat {
    hrtimer timer;
    wait_queue_head_t listeners;
    swait_queue_head listener;
};

static hrtimer_restart beat_tick(HrtimerCtx<hard> ctx, hrtimer *t)
{
    beat *b = container_of(t, beat, timer);
#ifdef FIXED
    swake_up_one(ctx, &b->listener);
#else
    wake_up_interruptible(ctx, &b->listeners); // <-- error
#endif
    return HRTIMER_NORESTART;
}

void beat_start(beat *b)
{
    hrtimer_setup(&b->timer, handler<beat_tick>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
}
