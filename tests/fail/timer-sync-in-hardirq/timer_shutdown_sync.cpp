// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: timer-sync-in-hardirq
// EXPECT call: timer_shutdown_sync
// EXPECT context: HardIrqCtx
// EXPECT fix: in process context
// FLAGS: -DKCTX_PREEMPT_RT=0
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
void gone(WorkCtx ctx, timer_list *poll)
#else
void gone(HardIrqCtx ctx, timer_list *poll)
#endif
{
    timer_shutdown_sync(ctx, poll); // <-- error
}
