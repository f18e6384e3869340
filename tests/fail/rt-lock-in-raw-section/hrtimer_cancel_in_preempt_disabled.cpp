// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: hrtimer_cancel
// EXPECT context: PreemptDisabled<kctx::SyscallCtx>
// EXPECT fix: hrtimer_try_to_cancel
// FLAGS: -DKCTX_PREEMPT_RT=1
#include <kctx/api/hrtimer.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

void disarm([[maybe_unused]] SyscallCtx ctx, hrtimer *timer)
{
    KCTX_PREEMPT_DISABLE(ctx) {
#ifdef FIXED
        hrtimer_try_to_cancel(ctx, timer);
#else
        hrtimer_cancel(ctx, timer); // <-- error
#endif
    }
}
