// SPDX-License-Identifier: BSL-1.0
// TODO 1: mark each guilty line at its end, as ../README.md shows. Legal on both kinds of kernel is
// asked for: with PREEMPT_RT and without.
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
struct config_lock : mutex {};

struct serial {
    tx_lock tx;
    power_lock power;
    config_lock config;
    wait_queue_head_t room;
    completion powered;
    work_struct refill;
    timer_list watchdog;
    void *buffer;
    unsigned baud, resets, sent;
    bool on;
};

irqreturn_t serial_isr(IrqCtx ctx, int, void *dev)
{
    auto *s = static_cast<serial *>(dev);
    KCTX_SPIN_LOCK(ctx, s->tx) {
        s->sent++;
        wake_up(ctx, &s->room);
        // [[solve]]
        KCTX_MUTEX_LOCK(ctx, s->config) { // BUG: sleep-in-atomic
        // [[stub]]
        KCTX_MUTEX_LOCK(ctx, s->config) {
        // [[end]]
            s->baud = 9600;
        }
    }
    schedule_work(ctx, &s->refill);
    return IRQ_HANDLED;
}

void serial_refill(WorkCtx ctx, work_struct *work)
{
    serial *s = container_of(work, serial, refill);
    KCTX_MUTEX_LOCK(ctx, s->config) {
        // [[wrong innocent]]
        s->buffer = KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), return); // BUG: gfp-may-sleep
        // [[solve]]
        s->buffer = KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), return);
        // [[stub]]
        s->buffer = KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), return);
        // [[end]]
    }
}

void serial_watchdog(TimerCtx ctx, timer_list *timer)
{
    serial *s = container_of(timer, serial, watchdog);
    KCTX_SPIN_LOCK(ctx, s->tx) {
        s->resets++;
        // [[solve]]
        s->buffer = KCTX_TRY(kmalloc(ctx, 64, GFP_NOFS), return); // BUG: gfp-may-sleep
        // [[stub]]
        s->buffer = KCTX_TRY(kmalloc(ctx, 64, GFP_NOFS), return);
        // [[wrong misnamed]]
        s->buffer = KCTX_TRY(kmalloc(ctx, 64, GFP_NOFS), return); // BUG: alloc-in-raw-section
        // [[end]]
    }
    mod_timer(ctx, timer, jiffies + 250);
}

void serial_power(ProcessCtx ctx, serial *s, bool on)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, s->power) {
        s->on = on;
        complete(ctx, &s->powered);
        // [[solve]]
        wake_up(ctx, &s->room); // BUG: rt-lock-in-raw-section
        kfree(ctx, s->buffer); // BUG: alloc-in-raw-section
        // [[stub]]
        wake_up(ctx, &s->room);
        kfree(ctx, s->buffer);
        // [[wrong not-on-rt]]
        wake_up(ctx, &s->room);
        kfree(ctx, s->buffer);
        // [[end]]
    }
}
