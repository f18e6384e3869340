// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: usleep_range
// EXPECT context: NmiCtx
// EXPECT fix: udelay
#include <kctx/kctx.hpp>

int watchdog_nmi(kctx::NmiCtx ctx, unsigned &seen)
{
    seen++;
#ifdef FIXED
    static_cast<void>(ctx);
    kctx::udelay(10);
#else
    usleep_range(ctx, 10, 20); // <-- error
#endif
    return 1;
}
