// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: cond_resched
// EXPECT context: BhDisabled<kctx::ProcessCtx>
// EXPECT fix: leave the atomic section
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>

using namespace kctx;

void walk([[maybe_unused]] ProcessCtx ctx, int *buckets, int n)
{
    for (int i = 0; i < n; ++i) {
        KCTX_LOCAL_BH_DISABLE(ctx) {
            buckets[i] = 0;
#ifndef FIXED
            cond_resched(ctx); // <-- error
#endif
        }
#ifdef FIXED
        cond_resched(ctx);
#endif
    }
}
