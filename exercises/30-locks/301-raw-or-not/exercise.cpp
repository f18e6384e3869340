// SPDX-License-Identifier: BSL-1.0
// A softirq runs the callbacks of timers with the raw lock of their queue held. A timerfd's callback
// counts the tick and wakes who waits for it. Fine, until the kernel is built with PREEMPT_RT.
#include <kctx/api/irq_work.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

// [[solve]]
struct ticks_lock : raw_spinlock_t {};
// [[stub]]
struct ticks_lock : spinlock_t {};
// [[wrong irq-work-only]]
struct ticks_lock : spinlock_t {};
// [[end]]

struct timerfd_ctx {
    ticks_lock lock;
    irq_work wake; // runs timerfd_wake() in a moment
    wait_queue_head_t wqh;
    unsigned long ticks;
    unsigned long wakes;
};

void timerfd_wake(IrqWorkCtx ctx, irq_work *wake)
{
    timerfd_ctx *tfd = container_of(wake, timerfd_ctx, wake);
    tfd->wakes++;
    wake_up_interruptible(ctx, &tfd->wqh);
}

inline void timerfd_create(timerfd_ctx *tfd)
{
    init_waitqueue_head(&tfd->wqh);
    init_irq_work(&tfd->wake, handler<timerfd_wake>);
}

inline void timerfd_triggered(context auto ctx, timerfd_ctx *tfd)
{
    // [[solve]]
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, tfd->lock) {
        tfd->ticks++;
    }
    irq_work_queue(&tfd->wake);
    // [[stub]]
    KCTX_SPIN_LOCK_IRQSAVE(ctx, tfd->lock) { // TODO 1: where is this called?
        tfd->ticks++;
        wake_up_interruptible(ctx, &tfd->wqh); // TODO 2: it takes a lock, too
    }
    // [[wrong raw-alone]]
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, tfd->lock) {
        tfd->ticks++;
        wake_up_interruptible(ctx, &tfd->wqh);
    }
    // [[wrong irq-work-only]]
    KCTX_SPIN_LOCK_IRQSAVE(ctx, tfd->lock) {
        tfd->ticks++;
    }
    irq_work_queue(&tfd->wake);
    // [[wrong no-wake]]
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, tfd->lock) {
        tfd->ticks++;
    }
    // [[end]]
}

struct hrtimer_cpu_base_lock : raw_spinlock_t {};

void hrtimer_run_softirq(SoftirqCtx ctx, hrtimer_cpu_base_lock *base, timerfd_ctx *tfd)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, *base) {
        timerfd_triggered(ctx, tfd);
    }
}
