// SPDX-License-Identifier: BSL-1.0
// The general fix, which is the kernel's own: the lock of the queue guards the queue, and is left
// before a callback runs. Then no callback of any driver needs to change.
#define KCTX_KERNEL_VERSION KCTX_VERSION(4, 19, 0)
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

// The lock of a wait queue, which the kernel's timerfd uses for its own data as well.
struct wqh_lock : spinlock_t {};

struct timerfd_ctx {
    hrtimer tmr;
    wqh_lock lock;
    wait_queue_head_t wqh;
    unsigned long ticks;
    bool expired;
};

static void timerfd_triggered(context auto ctx, timerfd_ctx *tfd)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, tfd->lock) {
        tfd->expired = true;
        tfd->ticks++;
        wake_up_interruptible(ctx, &tfd->wqh);
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
    hrtimer *running;
};

static void __hrtimer_run_queues(SoftirqCtx ctx, hrtimer_cpu_base *base)
{
    hrtimer *timer = nullptr;
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, base->lock) {
        timer = base->next;
        base->next = nullptr;
        base->running = timer;
    }
    const hrtimer_restart again = timerfd_tmrproc(ctx, timer);
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, base->lock) {
        base->running = nullptr;
        if (again == HRTIMER_RESTART)
            base->next = timer;
    }
}

void hrtimer_run_softirq(SoftirqCtx ctx, hrtimer_cpu_base *base)
{
    __hrtimer_run_queues(ctx, base);
}
