// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: request_threaded_irq
// EXPECT context: SpinLocked<card_lock, kctx::ProcessCtx>
// EXPECT fix: probe time
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct card_lock : spinlock_t {};

static irqreturn_t card_thread(ThreadedIrqCtx, int, void *) { return IRQ_HANDLED; }

int card_open([[maybe_unused]] ProcessCtx ctx, card_lock *lock)
{
    constexpr auto thread = handler<card_thread>;
#ifndef FIXED
    KCTX_SPIN_LOCK(ctx, *lock) {
        return request_threaded_irq(ctx, 7, nullptr, thread, IRQF_ONESHOT, "c", lock); // <-- error
    }
#endif
    return request_threaded_irq(ctx, 7, nullptr, thread, IRQF_ONESHOT, "c", lock);
}
