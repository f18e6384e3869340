// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: timer_delete_sync
// EXPECT context: RawSpinLocked<kctx::raw_spinlock_t, kctx::ProcessCtx>
// EXPECT fix: timer_delete()
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

void quiet([[maybe_unused]] ProcessCtx ctx, raw_spinlock_t *lock, timer_list *timer)
{
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
#ifdef FIXED
        timer_delete(ctx, timer);
#else
        timer_delete_sync(ctx, timer); // <-- error
#endif
    }
}
