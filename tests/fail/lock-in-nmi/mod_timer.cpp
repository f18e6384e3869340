// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-in-nmi
// EXPECT call: mod_timer
// EXPECT context: NmiCtx
// EXPECT fix: arm the timer in the irq_work
// FLAGS: -DKCTX_PREEMPT_RT=0
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
void touch(IrqWorkCtx ctx, timer_list *watchdog)
#else
void touch(NmiCtx ctx, timer_list *watchdog)
#endif
{
    mod_timer(ctx, watchdog, jiffies + 100); // <-- error
}
