// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: wait_for_completion
// EXPECT context: IdleCtx
// EXPECT fix: try_wait_for_completion
#include <kctx/api/completion.hpp>
#include <kctx/kctx.hpp>

void enter_idle(kctx::IdleCtx ctx, kctx::completion *power_down)
{
#ifdef FIXED
    try_wait_for_completion(ctx, power_down);
#else
    wait_for_completion(ctx, power_down); // <-- error
#endif
}
