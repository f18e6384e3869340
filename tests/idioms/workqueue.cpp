// SPDX-License-Identifier: BSL-1.0
// Work items, delayed and not, and who cancels them when.
#include <kctx/api/completion.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace phy {
struct phy_lock : mutex {};
struct queue_lock : spinlock_t {};
struct request {
    request *next;
};
struct phy {
    phy_lock lock;
    int link = 0;
    queue_lock queue_guard;
    request *queue KCTX_GUARDED_BY(queue_guard) = nullptr;
    delayed_work state_queue;
    work_struct process;
    workqueue_struct *own = nullptr;
    bool removed = false;
};

// idiom: a delayed work that queues itself again -- drivers/net/phy/phy.c, phy_state_machine
void state_machine(WorkCtx ctx, work_struct *work)
{
    phy *p = container_of(to_delayed_work(work), phy, state_queue);
    KCTX_MUTEX_LOCK(ctx, p->lock) {
        p->link ^= 1;
        msleep(ctx, 1);
    }
    schedule_delayed_work(ctx, to_delayed_work(work), msecs_to_jiffies(1000));
}

// idiom: a work item takes everything off a list, and works without the lock -- drivers/md/dm-thin.c, process_deferred_bios
void process(WorkCtx ctx, work_struct *work)
{
    phy *p = container_of(work, phy, process);
    for (;;) {
        request *r = nullptr;
        KCTX_SPIN_LOCK_IRQ(ctx, p->queue_guard) {
            r = p->queue;
            if (!r)
                return;
            p->queue = r->next;
        }
        msleep(ctx, 1);
        kfree(ctx, r);
    }
}

// idiom: a handler queues a request and the work that serves it -- drivers/md/dm-thin.c, thin_defer_bio
irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<phy *>(dev);
    request *r = KCTX_TRY(kzalloc(ctx, sizeof *r, GFP_ATOMIC), return IRQ_HANDLED);
    KCTX_SPIN_LOCK(ctx, p->queue_guard) {
        r->next = p->queue;
        p->queue = r;
    }
    queue_work(ctx, p->own, &p->process);
    return IRQ_HANDLED;
}

// idiom: probe makes a queue of its own, remove destroys it -- drivers/net/can/spi/mcp251x.c, mcp251x_can_probe and mcp251x_can_remove
int probe(ProcessCtx ctx, phy *p, unsigned int irq)
{
    INIT_DELAYED_WORK(&p->state_queue, handler<state_machine>);
    INIT_WORK(&p->process, handler<process>);
    p->own = KCTX_TRY(alloc_workqueue(ctx, "phy", 0, 1), return -ENOMEM);
    if (const int error = request_irq(ctx, irq, handler<isr>, IRQF_SHARED, "phy", p); error != 0) {
        destroy_workqueue(ctx, p->own);
        return error;
    }
    schedule_delayed_work(ctx, &p->state_queue, 0);
    return 0;
}
void remove(ProcessCtx ctx, phy *p, unsigned int irq)
{
    free_irq(ctx, irq, p);
    cancel_delayed_work_sync(ctx, &p->state_queue);
    destroy_workqueue(ctx, p->own);
}

// idiom: cancelled without waiting where the lock is held that the work takes -- drivers/net/phy/phy.c, phy_stop_machine
void stop(ProcessCtx ctx, phy *p)
{
    cancel_delayed_work_sync(ctx, &p->state_queue);
    KCTX_MUTEX_LOCK(ctx, p->lock) {
        p->link = 0;
    }
}

// idiom: a handler puts the work off again and again, as a line bounces -- drivers/input/keyboard/gpio_keys.c, gpio_keys_gpio_isr
irqreturn_t bounce(HardIrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<phy *>(dev);
    mod_delayed_work(ctx, p->own, &p->state_queue, msecs_to_jiffies(5));
    return IRQ_HANDLED;
}
int setup_bounce(ProcessCtx ctx, phy *p)
{
    return request_irq(ctx, 9, handler<bounce>, IRQF_NO_THREAD, "bounce", p);
}

// idiom: a work item cancels another one without waiting -- drivers/net/wireless/intel/iwlwifi/mvm/scan.c, iwl_mvm_rx_lmac_scan_complete_notif
void switch_channel(WorkCtx ctx, phy *p)
{
    cancel_delayed_work(ctx, &p->state_queue);
    mod_delayed_work(ctx, p->own, &p->state_queue, 1);
}

// idiom: flush before the state is read -- drivers/input/mouse/psmouse-base.c, psmouse_disconnect
int link_state(SyscallCtx ctx, phy *p)
{
    flush_delayed_work(ctx, &p->state_queue);
    flush_workqueue(ctx, p->own);
    return p->link;
}

// idiom: queued with the raw lock of a timer or a tracer held -- kernel/rcu/tree.c, schedule_delayed_monitor_work
struct monitor_lock : raw_spinlock_t {};
void monitor(TimerCtx ctx, monitor_lock *lock, phy *p)
{
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
        schedule_delayed_work(ctx, &p->state_queue, 5);
    }
}

// idiom: a work item on the stack, which is waited for -- kernel/workqueue.c, work_on_cpu
struct on_stack {
    work_struct work;
    completion done;
    int result = 0;
};
void run_on_stack(WorkCtx ctx, work_struct *work)
{
    on_stack *s = container_of(work, on_stack, work);
    s->result = 42;
    complete(ctx, &s->done);
}
int run_and_wait(SyscallCtx ctx)
{
    on_stack s;
    init_completion(&s.done);
    INIT_WORK(&s.work, handler<run_on_stack>);
    schedule_work(ctx, &s.work);
    wait_for_completion(ctx, &s.done);
    flush_work(ctx, &s.work);
    return s.result;
}

// idiom: on a CPU of one's own choice -- net/core/dev.c, flush_all_backlogs
void on_cpu(ProcessCtx ctx, phy *p)
{
    queue_work_on(ctx, 1, p->own, &p->process);
    flush_work(ctx, &p->process);
}

// idiom: a function for work items and for whoever else may sleep -- drivers/base/power/runtime.c, pm_runtime_work
void settle(ProcessCtx ctx, phy *p)
{
    msleep(ctx, 1);
    p->removed = true;
}
void settle_work(WorkCtx ctx, work_struct *work) { settle(ctx, container_of(work, phy, process)); }
void settle_in_syscall(SyscallCtx ctx, phy *p) { settle(ctx, p); }
void setup_settle(phy *p) { INIT_WORK(&p->process, handler<settle_work>); }
} // namespace phy
