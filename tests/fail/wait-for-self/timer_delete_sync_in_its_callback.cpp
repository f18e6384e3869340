// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: wait-for-self
// EXPECT call: timer_delete_sync
// EXPECT context: CallbackOf<watchdog, kctx::TimerCtx>
// EXPECT fix: timer_delete()
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct watchdog : timer_list {};

void bark(CallbackOf<watchdog, TimerCtx> ctx, timer_list *timer)
{
    auto *const w = static_cast<watchdog *>(timer);
#ifdef FIXED
    timer_delete(ctx, w);
#else
    timer_delete_sync(ctx, w); // <-- error
#endif
}

void start(ProcessCtx ctx, watchdog &w)
{
    timer_setup(&w, handler<bark>, 0);
    mod_timer(ctx, &w, jiffies + 100);
}
