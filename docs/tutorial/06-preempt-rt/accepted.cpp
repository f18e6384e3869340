// SPDX-License-Identifier: BSL-1.0
// The lock is raw: it spins on every kernel.
#include <kctx/kctx.hpp>

using namespace kctx;

struct tick_lock : raw_spinlock_t {};

void tick([[maybe_unused]] HardIrqCtx ctx, tick_lock &lock, int &ticks)
{
    KCTX_RAW_SPIN_LOCK(ctx, lock) {
        ticks++;
    }
}
