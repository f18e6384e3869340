// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-in-nmi
// EXPECT call: ktime_get
// EXPECT context: IrqsSaved<kctx::NmiCtx>
// EXPECT fix: ktime_get_mono_fast_ns
#include <kctx/api/time.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

long long stamp([[maybe_unused]] NmiCtx ctx)
{
    KCTX_LOCAL_IRQ_SAVE(ctx) {
#ifdef FIXED
        return static_cast<long long>(ktime_get_mono_fast_ns());
#else
        return ktime_get(ctx); // <-- error
#endif
    }
    return 0;
}
