// SPDX-License-Identifier: BSL-1.0
// The document's fix: a lock that is raw. It is a private one, of the ticks alone, and the wake-up
// is left to an irq_work, which runs where the lock of a wait queue may be taken.
#define KCTX_KERNEL_VERSION KCTX_VERSION(4, 19, 0)
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/irq_work.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct ticks_lock : raw_spinlock_t {};

struct timerfd_ctx {
    hrtimer tmr;
    ticks_lock lock;
    irq_work wake;
    wait_queue_head_t wqh;
    unsigned long ticks;
    bool expired;
};

static void timerfd_wake(IrqWorkCtx ctx, irq_work *wake)
{
    wake_up_interruptible(ctx, &container_of(wake, timerfd_ctx, wake)->wqh);
}

static void timerfd_triggered(context auto ctx, timerfd_ctx *tfd)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, tfd->lock) {
        tfd->expired = true;
        tfd->ticks++;
    }
    irq_work_queue(&tfd->wake);
}

void timerfd_create(timerfd_ctx *tfd)
{
    init_waitqueue_head(&tfd->wqh);
    init_irq_work(&tfd->wake, handler<timerfd_wake>);
}

static hrtimer_restart timerfd_tmrproc(context auto ctx, hrtimer *timer)
{
    timerfd_triggered(ctx, container_of(timer, timerfd_ctx, tmr));
    return HRTIMER_NORESTART;
}

struct hrtimer_cpu_base_lock : raw_spinlock_t {};

struct hrtimer_cpu_base {
    hrtimer_cpu_base_lock lock;
    hrtimer *next;
};

static void __hrtimer_run_queues(context auto ctx, hrtimer_cpu_base *base)
{
    if (timerfd_tmrproc(ctx, base->next) == HRTIMER_NORESTART)
        base->next = nullptr;
}

void hrtimer_run_softirq(SoftirqCtx ctx, hrtimer_cpu_base *base)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, base->lock) {
        __hrtimer_run_queues(ctx, base);
    }
}
