// SPDX-License-Identifier: BSL-1.0
// The driver of the second review. Its lines are marked now.
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
    queue_lock lock; // of frames
    settings *current; // replaced by others, read under RCU
    timer_list stall;
    work_struct process;
    u8 *frame;
    unsigned frames, missed; // missed: runs of the work item without memory
};

void capture_give_up(TimerCtx, timer_list *) {}

irqreturn_t capture_isr(IrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<capture *>(dev);
    KCTX_SPIN_LOCK(ctx, c->lock) {
        c->frames++;
    }
    return IRQ_HANDLED;
}

// The frame has come: the timer is not needed any more. Who closes the device waits for its end.
void capture_stall(HardIrqCtx ctx, capture *c)
{
    // [[solve]]
    timer_delete(ctx, &c->stall);
    // [[stub]]
    timer_delete_sync(ctx, &c->stall); // TODO 1
    // [[wrong forgets-the-timer]]
    (void)ctx;
    (void)c;
    // [[wrong shutdown]]
    timer_shutdown_sync(ctx, &c->stall);
    // [[end]]
}

long capture_frames(SyscallCtx ctx, capture *c, user_ptr<unsigned> to)
{
    unsigned frames = 0;
    // [[solve]]
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c->lock) {
        frames = c->frames;
    }
    return put_user(ctx, frames, to);
    // [[stub]]
    KCTX_SPIN_LOCK(ctx, c->lock) { // TODO 2
        frames = c->frames;
    }
    return put_user(ctx, frames, to);
    // [[wrong copies-inside]]
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c->lock) {
        frames = c->frames;
        return put_user(ctx, frames, to);
    }
    return 0;
    // [[end]]
}

int capture_rate(ProcessCtx ctx, capture *c)
{
    // [[solve]]
    int rate = 0;
    KCTX_RCU_READ_LOCK(ctx) {
        rate = rcu_dereference(ctx, c->current)->rate;
    }
    return rate;
    // [[stub]]
    return rcu_dereference(ctx, c->current)->rate; // TODO 3
    // [[end]]
}

// Has a frame ready.
void capture_process(WorkCtx ctx, work_struct *work)
{
    capture *c = container_of(work, capture, process);
    if (c->frame)
        return;
    // [[solve]]
    c->frame = KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), c->missed++; return);
    // [[stub]]
    c->frame = kmalloc(ctx, 4096, GFP_KERNEL); // TODO 4
    // [[wrong nobody-counts]]
    c->frame = KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), return);
    // [[end]]
    c->frame[0] = 0;
}
