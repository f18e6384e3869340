// SPDX-License-Identifier: BSL-1.0
// TODO 1: mark each guilty line at its end, as ../README.md shows.
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct queue_lock : spinlock_t, used_in<IrqCtx> {};

struct settings {
    int rate;
};

struct capture {
    queue_lock lock;
    settings *current;
    timer_list stall;
    work_struct process;
    u8 *frame;
    unsigned frames;
};

irqreturn_t capture_isr(IrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<capture *>(dev);
    KCTX_SPIN_LOCK(ctx, c->lock) {
        c->frames++;
    }
    schedule_work(ctx, &c->process);
    return IRQ_HANDLED;
}

void capture_stall(HardIrqCtx ctx, capture *c)
{
    // [[solve]]
    timer_delete_sync(ctx, &c->stall); // BUG: timer-sync-in-hardirq
    // [[stub]]
    timer_delete_sync(ctx, &c->stall);
    // [[wrong misnamed]]
    timer_delete_sync(ctx, &c->stall); // BUG: sleep-in-atomic
    // [[end]]
}

long capture_frames(SyscallCtx ctx, capture *c, user_ptr<unsigned> to)
{
    unsigned frames = 0;
    // [[solve]]
    KCTX_SPIN_LOCK(ctx, c->lock) { // BUG: irq-unsafe-lock
    // [[stub]]
    KCTX_SPIN_LOCK(ctx, c->lock) {
    // [[end]]
        frames = c->frames;
    }
    return put_user(ctx, frames, to);
}

int capture_rate(ProcessCtx ctx, capture *c)
{
    // [[solve]]
    return rcu_dereference(ctx, c->current)->rate; // BUG: rcu-outside-reader
    // [[stub]]
    return rcu_dereference(ctx, c->current)->rate;
    // [[end]]
}

void capture_process(WorkCtx ctx, work_struct *work)
{
    capture *c = container_of(work, capture, process);
    KCTX_RCU_READ_LOCK(ctx) {
        if (rcu_dereference(ctx, c->current)->rate == 0)
            return;
    }
    // [[solve]]
    c->frame = kmalloc(ctx, 4096, GFP_KERNEL); // BUG: unchecked-result
    // [[stub]]
    c->frame = kmalloc(ctx, 4096, GFP_KERNEL);
    // [[wrong missed-result]]
    c->frame = kmalloc(ctx, 4096, GFP_KERNEL);
    // [[end]]
    // [[solve]]
    msleep(ctx, 10);
    // [[stub]]
    msleep(ctx, 10);
    // [[wrong innocent]]
    msleep(ctx, 10); // BUG: sleep-in-atomic
    // [[end]]
}
