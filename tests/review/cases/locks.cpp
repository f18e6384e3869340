// SPDX-License-Identifier: BSL-1.0
// Each call is legal where it is made; who waits for whom is not. With -DMENDED nobody waits for
// ever.
#include <kctx/api/interrupt.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

struct fifo_lock : spinlock_t {};
struct stat_lock : spinlock_t {};
struct list_lock : rwlock_t {};
struct a_lock : mutex {};
struct b_lock : mutex {};

struct board {
    fifo_lock fifo;
    stat_lock stats;
    list_lock list;
    a_lock a;
    b_lock b;
    timer_list tick;
    work_struct drain;
    int n;
};

static irqreturn_t isr(IrqCtx ctx, int, void *data)
{
    auto *p = static_cast<board *>(data);
    KCTX_SPIN_LOCK(ctx, p->fifo) {
        p->n++;
    }
    KCTX_READ_LOCK(ctx, p->list) { // and readers alone: legal with interrupts on
        p->n++;
    }
    return IRQ_HANDLED;
}

static void tick(TimerCtx ctx, timer_list *timer)
{
    board *p = from_timer(p, timer, tick);
    KCTX_SPIN_LOCK(ctx, p->stats) {
        p->n++;
    }
}

// A context type of the driver's own.
struct PollCtx : TimerCtx {};
void poll(PollCtx ctx, board *p)
{
    KCTX_SPIN_LOCK(ctx, p->stats) {
        p->n--;
    }
}

static void drain(WorkCtx ctx, work_struct *work)
{
    board *p = from_work(p, work, drain);
#ifdef MENDED
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->fifo) {
        p->n = 0;
    }
    KCTX_SPIN_LOCK_BH(ctx, p->stats) {
        p->n = 0;
    }
#else
    KCTX_SPIN_LOCK_BH(ctx, p->fifo) { // keeps softirqs out, not isr()
        p->n = 0;
    }
    KCTX_SPIN_LOCK(ctx, p->stats) {
        p->n = 0;
    }
#endif
    KCTX_READ_LOCK(ctx, p->list) {
        p->n++;
    }
    KCTX_MUTEX_LOCK(ctx, p->a) {
        KCTX_MUTEX_LOCK(ctx, p->b) {
            p->n++;
        }
    }
}

int probe(ProcessCtx ctx, board *p)
{
#ifdef MENDED
    KCTX_MUTEX_LOCK(ctx, p->a) {
        KCTX_MUTEX_LOCK(ctx, p->b) {
            p->n = 1;
        }
    }
#else
    KCTX_MUTEX_LOCK(ctx, p->b) {
        KCTX_MUTEX_LOCK(ctx, p->a) {
            p->n = 1;
        }
    }
#endif
    INIT_WORK(&p->drain, handler<drain>);
    timer_setup(&p->tick, handler<tick>, 0);
    return request_irq(ctx, 3, handler<isr>, IRQF_SHARED, "board", p);
}
