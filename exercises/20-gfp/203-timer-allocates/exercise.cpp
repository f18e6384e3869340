// SPDX-License-Identifier: BSL-1.0
// A kernel timer takes samples, and fires again in a moment.
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct sampler {
    timer_list timer;
    void *samples;
    unsigned long missed; // periods without memory
};

void sample(TimerCtx ctx, timer_list *timer)
{
    sampler *s = container_of(timer, sampler, timer);
    if (s->samples)
        return;
    // [[solve]]
    s->samples = KCTX_TRY(kmalloc(ctx, 512, GFP_ATOMIC | __GFP_NOWARN), s->missed++; return);
    // [[stub]]
    s->samples = KCTX_TRY(kmalloc(ctx, 512, GFP_KERNEL), return); // TODO 1
    // [[wrong user]]
    s->samples = KCTX_TRY(kmalloc(ctx, 512, GFP_USER | __GFP_NOWARN), s->missed++; return);
    // [[wrong not-counted]]
    s->samples = KCTX_TRY(kmalloc(ctx, 512, GFP_ATOMIC | __GFP_NOWARN), return);
    // [[wrong never-fails]]
    s->samples = KCTX_TRY(kmalloc(ctx, 512, GFP_ATOMIC | __GFP_NOFAIL), s->missed++; return);
    // [[end]]
}
