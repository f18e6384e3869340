// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: wait_event
// EXPECT context: HrtimerCtx<
// EXPECT fix: threaded irq
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct sampler {
    hrtimer tick;
    wait_queue_head_t readers;
    int samples;
};

hrtimer_restart sampler_tick([[maybe_unused]] HrtimerCtx<> ctx, hrtimer *t)
{
    sampler *s = container_of(t, sampler, tick);
#ifdef FIXED
    if (s->samples == 0)
        return HRTIMER_RESTART;
#else
    wait_event(ctx, s->readers, s->samples > 0); // <-- error
#endif
    return HRTIMER_NORESTART;
}
