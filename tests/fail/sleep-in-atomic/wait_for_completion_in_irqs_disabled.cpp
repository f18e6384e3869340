// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: wait_for_completion_timeout
// EXPECT context: IrqsDisabled<kctx::ProcessCtx>
// EXPECT fix: work item
#include <kctx/api/completion.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

bool reset_and_wait([[maybe_unused]] ProcessCtx ctx, completion *done, unsigned &doorbell)
{
#ifdef FIXED
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        doorbell = 1;
    }
    return wait_for_completion_timeout(ctx, done, 100) != 0;
#else
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        doorbell = 1;
        return wait_for_completion_timeout(ctx, done, 100) != 0; // <-- error
    }
    return false;
#endif
}
