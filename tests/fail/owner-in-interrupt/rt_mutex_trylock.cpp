// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: owner-in-interrupt
// EXPECT call: rt_mutex_trylock
// EXPECT context: HardIrqCtx
// EXPECT fix: work item
// FLAGS: -DKCTX_PREEMPT_RT=0
#include <kctx/kctx.hpp>
#include <kctx/lock/rt_mutex.hpp>

using namespace kctx;

#ifdef FIXED
void transfer([[maybe_unused]] ThreadedIrqCtx ctx, rt_mutex *bus, int &bytes)
#else
void transfer([[maybe_unused]] HardIrqCtx ctx, rt_mutex *bus, int &bytes)
#endif
{
    KCTX_RT_MUTEX_TRYLOCK(ctx, *bus) { // <-- error
        bytes++;
    }
}
