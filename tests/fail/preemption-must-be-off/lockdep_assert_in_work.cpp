// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: preemption-must-be-off
// EXPECT call: lockdep_assert_preemption_disabled
// EXPECT context: WorkCtx
// EXPECT fix: KCTX_PREEMPT_DISABLE
#include <kctx/kctx.hpp>
#include <kctx/lock/lockdep.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

void account([[maybe_unused]] WorkCtx ctx)
{
#ifdef FIXED
    KCTX_PREEMPT_DISABLE(ctx) {
        lockdep_assert_preemption_disabled(ctx);
    }
#else
    lockdep_assert_preemption_disabled(ctx); // <-- error
#endif
}
