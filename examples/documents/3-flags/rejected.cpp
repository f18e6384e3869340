// SPDX-License-Identifier: BSL-1.0
// A kernel timer allocates as a system call would.
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct sampler {
    timer_list timer;
    void *samples;
};

static void sample(TimerCtx ctx, timer_list *timer)
{
    sampler *s = container_of(timer, sampler, timer);
    s->samples = KCTX_TRY(kmalloc(ctx, 512, GFP_KERNEL), return); // <-- rejected
}

void sampler_start(ProcessCtx ctx, sampler *s)
{
    timer_setup(&s->timer, handler<sample>, 0);
    mod_timer(ctx, &s->timer, jiffies + msecs_to_jiffies(100));
}
