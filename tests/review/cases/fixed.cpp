// SPDX-License-Identifier: BSL-1.0
// The twin of illegal.cpp, with nothing to refuse.
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>

using namespace kctx;

struct rx_lock : spinlock_t {};

struct card {
    rx_lock lock;
    raw_spinlock_t events;
    work_struct later;
    unsigned int delay = 10;
    void *buffer = nullptr;
};

static void settle(context auto, card *c) { udelay(c->delay); }

static irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<card *>(dev);
    KCTX_SPIN_LOCK(ctx, c->lock) {
        settle(ctx, c);
    }
    kfree(ctx, c->buffer);
    KCTX_RAW_SPIN_LOCK(ctx, c->events) {
        c->buffer = nullptr;
    }
    schedule_work(ctx, &c->later);
    return IRQ_HANDLED;
}

static void refill(WorkCtx ctx, work_struct *work)
{
    card *c = container_of(work, card, later);
    with<SpinLockedIrqsave>(
        ctx, &c->lock,
        [](auto ctx, card &c) {
            c.buffer = KCTX_TRY(kmalloc(ctx, 64, GFP_ATOMIC | __GFP_ZERO), return);
        },
        *c);
}

int probe(ProcessCtx ctx, card *c, unsigned int irq)
{
    INIT_WORK(&c->later, handler<refill>);
    return request_irq(ctx, irq, handler<isr>, IRQF_SHARED, "card", c);
}
