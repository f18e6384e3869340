// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: write_seqlock
// EXPECT context: IrqsDisabled<kctx::ProcessCtx>
// EXPECT fix: outside raw sections
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/seqlock.hpp>

using namespace kctx;

void set_clock([[maybe_unused]] ProcessCtx ctx, seqlock_t *lock, int &offset)
{
#ifdef FIXED
    KCTX_WRITE_SEQLOCK_IRQ(ctx, *lock) {
        offset = 0;
    }
#else
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        KCTX_WRITE_SEQLOCK(ctx, *lock) { // <-- error
            offset = 0;
        }
    }
#endif
}
