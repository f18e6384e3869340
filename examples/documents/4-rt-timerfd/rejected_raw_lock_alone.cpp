// SPDX-License-Identifier: BSL-1.0
// The document's fix, and nothing else: the lock is raw now. The wake-up in its section takes the
// next lock that sleeps, that of the wait queue itself.
#define KCTX_KERNEL_VERSION KCTX_VERSION(4, 19, 0)
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct ticks_lock : raw_spinlock_t {};

struct timerfd_ctx {
    hrtimer tmr;
    ticks_lock lock;
    wait_queue_head_t wqh;
    unsigned long ticks;
    bool expired;
};

static void timerfd_triggered(context auto ctx, timerfd_ctx *tfd)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, tfd->lock) {
        tfd->expired = true;
        tfd->ticks++;
        wake_up_interruptible(ctx, &tfd->wqh); // <-- rejected
    }
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
