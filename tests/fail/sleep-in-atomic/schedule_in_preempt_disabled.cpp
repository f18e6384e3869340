// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: schedule
// EXPECT context: PreemptDisabled<kctx::KthreadCtx>
// EXPECT fix: leave the atomic section
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

void collect([[maybe_unused]] KthreadCtx ctx, int &rounds)
{
    KCTX_PREEMPT_DISABLE(ctx) {
        rounds++;
#ifndef FIXED
        schedule(ctx); // <-- error
#endif
    }
#ifdef FIXED
    schedule(ctx);
#endif
}
