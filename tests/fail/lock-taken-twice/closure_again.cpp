// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-taken-twice
// EXPECT call: with
// EXPECT context: SpinLocked<tx_lock, kctx::SoftirqCtx>
// EXPECT fix: give it back first
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>

using namespace kctx;

struct tx_lock : spinlock_t {};

void transmit([[maybe_unused]] SoftirqCtx ctx, tx_lock &lock, int &queued)
{
    KCTX_SPIN_LOCK(ctx, lock) {
#ifdef FIXED
        queued++;
#else
        with<SpinLocked>(ctx, &lock, [](auto, int &n) { n++; }, queued); // <-- error
#endif
    }
}
