// SPDX-License-Identifier: BSL-1.0
// The driver of the review. Its lines are marked now.
#include <kctx/api/completion.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct tx_lock : spinlock_t {};
struct power_lock : raw_spinlock_t {};

struct serial {
    tx_lock tx; // of sent, baud, buffer
    power_lock power; // of on
    wait_queue_head_t room;
    work_struct refill;
    timer_list watchdog;
    void *buffer;
    unsigned baud, sent, missed, woken;
    bool on;
};

static void wake_writers(context auto ctx, serial *s)
{
    s->woken++;
    wake_up(ctx, &s->room); // TODO 4: nothing is wrong here
}

irqreturn_t serial_isr(IrqCtx ctx, int, void *dev)
{
    auto *s = static_cast<serial *>(dev);
    KCTX_SPIN_LOCK(ctx, s->tx) {
        s->sent++;
        s->baud = 9600;
        // [[solve]]
        // [[stub]]
        flush_work(ctx, &s->refill); // TODO 1: what is it good for here?
        // [[wrong waits-in-irq]]
        cancel_work_sync(ctx, &s->refill);
        // [[end]]
        wake_writers(ctx, s);
    }
    return IRQ_HANDLED;
}

void serial_watchdog(TimerCtx ctx, timer_list *timer)
{
    serial *s = container_of(timer, serial, watchdog);
    KCTX_SPIN_LOCK(ctx, s->tx) {
        if (!s->buffer)
            // [[solve]]
            s->buffer = KCTX_TRY(kmalloc(ctx, 64, GFP_ATOMIC), s->missed++; return);
            // [[stub]]
            s->buffer = KCTX_TRY(kmalloc(ctx, 64, GFP_NOFS), s->missed++; return); // TODO 2
            // [[end]]
    }
}

// Switches the port; off gives its buffer back and wakes whoever waits for room.
void serial_power(ProcessCtx ctx, serial *s, bool on)
{
    // [[solve]]
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, s->power) {
        s->on = on;
    }
    if (on)
        return;
    void *buffer = nullptr;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, s->tx) {
        buffer = s->buffer;
        s->buffer = nullptr;
    }
    kfree(ctx, buffer);
    wake_writers(ctx, s);
    // [[stub]]
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, s->power) {
        s->on = on;
        if (!on) {
            kfree(ctx, s->buffer); // TODO 3: what does the raw lock guard?
            s->buffer = nullptr;
            wake_writers(ctx, s);
        }
    }
    // [[wrong still-kept]]
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, s->power) {
        s->on = on;
    }
    if (on)
        return;
    kfree(ctx, s->buffer);
    wake_writers(ctx, s);
    // [[wrong raw-wake]]
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, s->power) {
        s->on = on;
        if (!on)
            wake_writers(ctx, s);
    }
    if (on)
        return;
    kfree(ctx, s->buffer);
    s->buffer = nullptr;
    // [[end]]
}
