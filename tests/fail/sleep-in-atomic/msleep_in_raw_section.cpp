// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: msleep
// EXPECT context: RawSpinLocked<port_lock, kctx::ProcessCtx>
// EXPECT fix: udelay
#include <kctx/kctx.hpp>

struct port_lock : kctx::raw_spinlock_t {};

void reset([[maybe_unused]] kctx::ProcessCtx ctx, port_lock *lock)
{
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
#ifdef FIXED
        kctx::udelay(10);
#else
        msleep(ctx, 10); // <-- error
#endif
    }
}
