// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: preemptible-writer
// EXPECT call: write_seqcount_begin
// EXPECT context: ProcessCtx
// EXPECT fix: preempt_disable
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/seqlock.hpp>

using namespace kctx;

void move([[maybe_unused]] ProcessCtx ctx, seqcount_t *count, int &x)
{
#ifdef FIXED
    KCTX_PREEMPT_DISABLE(ctx) {
        KCTX_WRITE_SEQCOUNT(ctx, *count) {
            x++;
        }
    }
#else
    KCTX_WRITE_SEQCOUNT(ctx, *count) { // <-- error
        x++;
    }
#endif
}
