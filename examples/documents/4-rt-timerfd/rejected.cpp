// SPDX-License-Identifier: BSL-1.0
// A softirq runs the callbacks of timers with the lock of their queue held, and that of a timerfd
// takes a spinlock_t. PREEMPT_RT makes it a sleeping lock; without PREEMPT_RT it is fine.
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
    KCTX_SPIN_LOCK_IRQSAVE(ctx, tfd->lock) { // <-- rejected
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
