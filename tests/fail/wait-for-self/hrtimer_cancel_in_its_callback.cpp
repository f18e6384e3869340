// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: wait-for-self
// EXPECT call: hrtimer_cancel
// EXPECT context: CallbackOf<tick, kctx::HrtimerCtx<kctx::soft
// EXPECT fix: hrtimer_try_to_cancel()
#include <kctx/api/hrtimer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct tick : hrtimer {};

hrtimer_restart beat(CallbackOf<tick, HrtimerCtx<soft>> ctx, hrtimer *timer)
{
    auto *const t = static_cast<tick *>(timer);
#ifdef FIXED
    hrtimer_try_to_cancel(ctx, t);
#else
    hrtimer_cancel(ctx, t); // <-- error
#endif
    return HRTIMER_NORESTART;
}

void start(tick &t) { hrtimer_setup(&t, handler<beat>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT); }
