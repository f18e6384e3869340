// SPDX-License-Identifier: BSL-1.0
// A network card counts packets in its interrupt handler; statistics are read and reset from outside.
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct rx_lock : spinlock_t, used_in<IrqCtx> {}; // what takes it, said once

struct card {
    rx_lock lock;
    unsigned long packets;
};

void card_isr(IrqCtx ctx, card *c)
{
    KCTX_SPIN_LOCK(ctx, c->lock) {
        c->packets++;
    }
}

unsigned long card_packets(ProcessCtx ctx, card *c)
{
    // [[solve]]
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c->lock) {
    // [[stub]]
    KCTX_SPIN_LOCK(ctx, c->lock) { // TODO 1
    // [[wrong bh]]
    KCTX_SPIN_LOCK_BH(ctx, c->lock) {
    // [[end]]
        return c->packets;
    }
    return 0;
}

// From a timer: what has come since the last time.
unsigned long card_take(TimerCtx ctx, card *c)
{
    // [[solve]]
    unsigned long packets = 0;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c->lock) {
        packets = c->packets;
        c->packets = 0;
    }
    return packets;
    // [[stub]]
    unsigned long packets = 0;
    KCTX_SPIN_LOCK(ctx, c->lock) { // TODO 2: a timer is interrupted as well
        packets = c->packets;
        c->packets = 0;
    }
    return packets;
    // [[wrong keeps-counting]]
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c->lock) {
        return c->packets;
    }
    return 0;
    // [[end]]
}
