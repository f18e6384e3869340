// SPDX-License-Identifier: BSL-1.0
// A counter that the interrupt handler also changes.
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct rx_lock : spinlock_t, used_in<IrqCtx> {};

void reset(ProcessCtx ctx, rx_lock &lock, int &received)
{
    KCTX_SPIN_LOCK(ctx, lock) { // <-- rejected
        received = 0;
    }
}
