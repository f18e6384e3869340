// SPDX-License-Identifier: BSL-1.0
// A primary handler that PREEMPT_RT must not thread takes a lock that sleeps there.
#include <kctx/kctx.hpp>

using namespace kctx;

struct tick_lock : spinlock_t {};

void tick(HardIrqCtx ctx, tick_lock &lock, int &ticks)
{
    KCTX_SPIN_LOCK(ctx, lock) { // <-- rejected
        ticks++;
    }
}
