// SPDX-License-Identifier: BSL-1.0
// Kernel threads: their loops, their work, how they end.
#include <kctx/api/completion.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/kthread.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rwsem.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace daemon {
struct queue_lock : spinlock_t {};
struct scan_lock : mutex {};
struct thread {
    task_struct *task = nullptr;
    wait_queue_head_t wait;
    queue_lock lock;
    int queued KCTX_GUARDED_BY(lock) = 0;
    scan_lock scan;
    bool run = false;
    completion started;
};

// idiom: wait for work or the end, work, begin again -- drivers/md/md.c, md_thread
int loop(KthreadCtx ctx, void *data)
{
    auto *t = static_cast<thread *>(data);
    while (!kthread_should_stop()) {
        wait_event_interruptible_timeout(ctx, t->wait, t->run || kthread_should_stop(), 100);
        t->run = false;
        KCTX_SPIN_LOCK_IRQ(ctx, t->lock) {
            t->queued = 0;
        }
        cond_resched(ctx);
    }
    return 0;
}

// idiom: a thread that scans with a mutex held, and sleeps between -- mm/ksm.c, ksm_scan_thread
int scan(KthreadCtx ctx, void *data)
{
    auto *t = static_cast<thread *>(data);
    while (!kthread_should_stop()) {
        KCTX_MUTEX_LOCK(ctx, t->scan) {
            t->run = true;
        }
        try_to_freeze(ctx);
        schedule_timeout_interruptible(ctx, 20);
    }
    return 0;
}

// idiom: set the state, look, schedule() -- fs/jbd2/journal.c, kjournald2
int by_hand(KthreadCtx ctx, void *data)
{
    auto *t = static_cast<thread *>(data);
    while (!kthread_should_stop()) {
        set_current_state(ctx, TASK_INTERRUPTIBLE);
        if (!t->run)
            schedule(ctx);
        __set_current_state(ctx, TASK_RUNNING);
        t->run = false;
    }
    return 0;
}

// idiom: start, and an error pointer if there is none -- drivers/md/md.c, md_register_thread
int start(ProcessCtx ctx, thread *t)
{
    init_waitqueue_head(&t->wait);
    t->task = kthread_run(ctx, handler<loop>, t, "md");
    return IS_ERR(t->task) ? static_cast<int>(PTR_ERR(t->task)) : 0;
}
int start_scan(ProcessCtx ctx, thread *t)
{
    t->task = kthread_run(ctx, handler<scan>, t, "ksmd");
    return IS_ERR(t->task) ? -ENOMEM : 0;
}

// idiom: made now, woken when all is ready -- drivers/block/loop.c, loop_configure
int create(ProcessCtx ctx, thread *t)
{
    t->task = kthread_create(ctx, handler<by_hand>, t, "by-hand");
    if (IS_ERR(t->task))
        return -ENOMEM;
    t->run = true;
    wake_up_process(ctx, t->task);
    return 0;
}

// idiom: an interrupt wakes the thread -- drivers/md/md.c, md_wakeup_thread
irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    auto *t = static_cast<thread *>(dev);
    t->run = true;
    wake_up_process(ctx, t->task);
    return IRQ_HANDLED;
}
int setup(ProcessCtx ctx, thread *t)
{
    return request_irq(ctx, 17, handler<isr>, IRQF_NO_THREAD, "wake", t);
}

// idiom: stop, which waits for the end -- drivers/md/md.c, md_unregister_thread
void stop(ProcessCtx ctx, thread *t)
{
    kthread_stop(ctx, t->task);
    t->task = nullptr;
}

// idiom: a thread tells its maker that it runs -- kernel/kthread.c, kthread
int announced(KthreadCtx ctx, void *data)
{
    complete(ctx, &static_cast<thread *>(data)->started);
    return 0;
}
int start_and_wait(ProcessCtx ctx, thread *t)
{
    init_completion(&t->started);
    t->task = kthread_run(ctx, handler<announced>, t, "announced");
    if (IS_ERR(t->task))
        return -ENOMEM;
    wait_for_completion(ctx, &t->started);
    return 0;
}

// idiom: a thread allocates, and copes with a failure by waiting -- net/sunrpc/svc_xprt.c, svc_alloc_arg
void *must_get(KthreadCtx ctx)
{
    for (;;) {
        if (auto some = kmalloc(ctx, 4096, GFP_KERNEL | __GFP_RETRY_MAYFAIL))
            return KCTX_TRY(some, return nullptr);
        schedule_timeout_uninterruptible(ctx, 10);
    }
}
} // namespace daemon

namespace worker {
struct port {
    kthread_work work;
    kthread_worker *worker = nullptr;
    timer_list timer;
    int transfers = 0;
};

// idiom: a worker of one's own, for work that may not wait in line -- drivers/spi/spi.c, spi_pump_messages
void pump(KthreadCtx ctx, kthread_work *work)
{
    container_of(work, port, work)->transfers++;
    usleep_range(ctx, 10, 20);
}

// idiom: queued by a timer -- drivers/spi/spi.c, spi_queued_transfer
void on_timer(TimerCtx ctx, timer_list *timer)
{
    port *p = container_of(timer, port, timer);
    kthread_queue_work(ctx, p->worker, &p->work);
}
void init(port *p)
{
    kthread_init_work(&p->work, handler<pump>);
    timer_setup(&p->timer, handler<on_timer>, 0);
}

// idiom: remove: the timer, then the work -- kernel/sched/cpufreq_schedutil.c, sugov_stop
void remove(ProcessCtx ctx, port *p)
{
    timer_delete_sync(ctx, &p->timer);
    kthread_cancel_work_sync(ctx, &p->work);
}
} // namespace worker
