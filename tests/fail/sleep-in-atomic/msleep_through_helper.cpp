// SPDX-License-Identifier: BSL-1.0
// The helper is a template over the context, so that the error is in it, with the caller's context
// in its line and the caller in a note.
// EXPECT slug: sleep-in-atomic
// EXPECT call: msleep
// EXPECT context: TimerCtx
// EXPECT fix: timer or work item
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct panel {
    timer_list blink;
    int state;
};

template <context C> void panel_settle(C ctx, panel *p)
{
    p->state = 1;
    msleep(ctx, 20); // <-- error
}

void panel_blink(TimerCtx ctx, timer_list *t)
{
    panel *p = container_of(t, panel, blink);
#ifdef FIXED
    mod_timer(ctx, &p->blink, jiffies + 20);
#else
    panel_settle(ctx, p);
#endif
}
