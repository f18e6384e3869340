// SPDX-License-Identifier: BSL-1.0
// lockdep warns of it on a kernel without PREEMPT_RT, too.
// EXPECT slug: rt-threaded-only
// EXPECT call: complete_all
// EXPECT context: HardIrqCtx
// EXPECT fix: threaded irq
// FLAGS: -DKCTX_PREEMPT_RT=0
#include <kctx/api/completion.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

void fast_isr(HardIrqCtx ctx, completion *ready)
{
#ifdef FIXED
    complete(ctx, ready);
#else
    complete_all(ctx, ready); // <-- error
#endif
}
