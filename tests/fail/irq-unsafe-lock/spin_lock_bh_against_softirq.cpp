// SPDX-License-Identifier: BSL-1.0
// Against a softirq it is enough to turn bottom halves off.
// EXPECT slug: irq-unsafe-lock
// EXPECT call: spin_lock
// EXPECT context: kctx::ProcessCtx
// EXPECT fix: _bh() form
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct stats_lock : spinlock_t, used_in<TimerCtx> {};

void tick(TimerCtx ctx, stats_lock &lock, int &ticks)
{
    KCTX_SPIN_LOCK(ctx, lock) {
        ticks++;
    }
}

void reset([[maybe_unused]] ProcessCtx ctx, stats_lock &lock, int &ticks)
{
#ifdef FIXED
    KCTX_SPIN_LOCK_BH(ctx, lock) {
        ticks = 0;
    }
#else
    KCTX_SPIN_LOCK(ctx, lock) { // <-- error
        ticks = 0;
    }
#endif
}
