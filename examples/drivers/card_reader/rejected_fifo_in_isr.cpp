// SPDX-License-Identifier: BSL-1.0
// The shortcut that a review finds: the primary handler empties the FIFO itself, for it is there
// anyway. fifo_lock is a spinlock_t, which sleeps on PREEMPT_RT, and so does the wake-up.
#include "card_reader.hpp"

using namespace card_reader;

irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    auto *r = static_cast<reader *>(dev);
    writel(RECEIVED, r->base + ACK);
    KCTX_SPIN_LOCK(ctx, r->fifo_guard) { // <-- rejected
        for (u32 n = readl(r->base + COUNT); n != 0; --n) {
            if (kfifo_put(&r->received, static_cast<u8>(readl(r->base + FIFO))) == 0)
                r->lost++;
        }
    }
    wake_up_interruptible(ctx, &r->readers); // <-- rejected
    return IRQ_HANDLED;
}
