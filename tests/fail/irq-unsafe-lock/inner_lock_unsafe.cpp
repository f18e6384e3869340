// SPDX-License-Identifier: BSL-1.0
// Whoever owns list_lock may be interrupted, and the interrupt waits for hw_lock, whose owner waits
// for list_lock: what lockdep calls an irq-safe lock before an irq-unsafe one.
// EXPECT slug: irq-unsafe-lock
// EXPECT call: spin_lock
// EXPECT context: SpinLockedIrqsave<hw_lock, kctx::ProcessCtx>
// EXPECT fix: name all that take it in used_in<>
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct hw_lock : spinlock_t, used_in<IrqCtx> {};
struct list_lock : spinlock_t, used_in<ProcessCtx> {};

void flush([[maybe_unused]] ProcessCtx ctx, hw_lock &hw, list_lock &list, int &entries)
{
#ifdef FIXED
    KCTX_SPIN_LOCK(ctx, list) {
        KCTX_SPIN_LOCK_IRQSAVE(ctx, hw) {
            entries--;
        }
    }
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, hw) {
        KCTX_SPIN_LOCK(ctx, list) { // <-- error
            entries--;
        }
    }
#endif
}
