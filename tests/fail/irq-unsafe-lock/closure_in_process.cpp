// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irq-unsafe-lock
// EXPECT call: with
// EXPECT context: kctx::WorkCtx
// EXPECT fix: an Irqsave section
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct rx_lock : spinlock_t, used_in<IrqCtx> {};

void drain([[maybe_unused]] WorkCtx ctx, rx_lock &lock, int &queued)
{
#ifdef FIXED
    KCTX_SPIN_LOCK_IRQSAVE(ctx, lock) {
        queued = 0;
    }
#else
    with<SpinLocked>(ctx, &lock, [](auto, int &n) { n = 0; }, queued); // <-- error
#endif
}
