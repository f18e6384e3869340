// SPDX-License-Identifier: BSL-1.0
// Completions and wait queues: who waits, and who wakes from where.
#include <kctx/api/completion.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace spi {
struct controller {
    completion done;
    iomem *base;
    bool failed = false;
};

// idiom: complete() from an interrupt, whatever kind it is -- drivers/spi/spi-imx.c, spi_imx_isr
irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    complete(ctx, &static_cast<controller *>(dev)->done);
    return IRQ_HANDLED;
}
int probe(ProcessCtx ctx, controller *c, unsigned int irq)
{
    init_completion(&c->done);
    return request_irq(ctx, irq, handler<isr>, IRQF_SHARED, "spi", c);
}

// idiom: start the device, then wait with a limit -- drivers/i2c/busses/i2c-designware-master.c, i2c_dw_xfer
int transfer(SyscallCtx ctx, controller *c)
{
    reinit_completion(&c->done);
    writel(1, c->base);
    if (wait_for_completion_timeout(ctx, &c->done, msecs_to_jiffies(100)) == 0)
        return -ETIMEDOUT;
    return c->failed ? -EIO : 0;
}

// idiom: a signal ends the wait, and the device is told -- drivers/spi/spi-sh-msiof.c, sh_msiof_wait_for_completion
int interruptible_transfer(SyscallCtx ctx, controller *c)
{
    reinit_completion(&c->done);
    writel(1, c->base);
    if (wait_for_completion_interruptible(ctx, &c->done) != 0) {
        writel(0, c->base);
        return -ERESTARTSYS;
    }
    return 0;
}

// idiom: a look whether it is done, in a context that must not wait -- drivers/net/wireless/silabs/wfx/bh.c, device_wakeup
bool poll_done(TimerCtx ctx, controller *c) { return try_wait_for_completion(ctx, &c->done); }

// idiom: complete() under a raw lock -- kernel/sched/completion.c, complete
struct chan_lock : raw_spinlock_t {};
void finish(IrqCtx ctx, chan_lock *lock, controller *c)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, *lock) {
        c->failed = false;
        complete(ctx, &c->done);
    }
}

// idiom: complete_all() where a task shuts the device down -- drivers/bus/mhi/host/init.c, mhi_driver_remove
void shutdown(ProcessCtx ctx, controller *c)
{
    c->failed = true;
    complete_all(ctx, &c->done);
}

// idiom: a timer gives up for whoever waits -- drivers/mmc/host/sdhci.c, sdhci_timeout_timer
struct with_timer {
    controller c;
    timer_list timeout;
};
void gave_up(TimerCtx ctx, timer_list *timer)
{
    with_timer *w = container_of(timer, with_timer, timeout);
    w->c.failed = true;
    complete(ctx, &w->c.done);
}
int wait_or_give_up(ProcessCtx ctx, with_timer *w)
{
    timer_setup(&w->timeout, handler<gave_up>, 0);
    mod_timer(ctx, &w->timeout, jiffies + 100);
    wait_for_completion(ctx, &w->c.done);
    timer_delete_sync(ctx, &w->timeout);
    return w->c.failed ? -ETIMEDOUT : 0;
}
} // namespace spi

namespace events {
struct fifo_lock : spinlock_t {};
struct read_lock_t : mutex {};
struct line {
    wait_queue_head_t wait;
    swait_queue_head simple;
    fifo_lock lock;
    read_lock_t readers;
    int count = 0;
    u32 status = 0;
    bool gone = false;
};

// idiom: wait for a condition that an interrupt sets -- drivers/i2c/busses/i2c-imx.c, i2c_imx_trx_complete
int wait_for_status(SyscallCtx ctx, line *l)
{
    if (wait_event_timeout(ctx, l->wait, (l->status & 1) != 0, 10) == 0)
        return -ETIMEDOUT;
    l->status = 0;
    return 0;
}

// idiom: the interrupt sets the condition, then wakes -- drivers/i2c/busses/i2c-imx.c, i2c_imx_isr
irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *l = static_cast<line *>(dev);
    l->status |= 1;
    wake_up(ctx, &l->wait);
    return IRQ_HANDLED;
}
int setup(ProcessCtx ctx, line *l)
{
    init_waitqueue_head(&l->wait);
    return request_irq(ctx, 10, handler<isr>, IRQF_SHARED, "line", l);
}

// idiom: read(2): wait, take under the lock, copy out after it -- drivers/gpio/gpiolib-cdev.c, lineevent_read
ssize_t read(SyscallCtx ctx, line *l, user_ptr<int> to)
{
    int taken = 0;
    do {
        if (wait_event_interruptible(ctx, l->wait, l->count != 0 || l->gone) != 0)
            return -ERESTARTSYS;
        if (l->gone)
            return -ENODEV;
        KCTX_SPIN_LOCK_IRQ(ctx, l->lock) {
            taken = l->count;
            l->count = 0;
        }
    } while (taken == 0);
    return put_user(ctx, taken, to) != 0 ? -EFAULT : static_cast<ssize_t>(sizeof taken);
}

// idiom: waking with the lock held that guards the condition -- fs/eventfd.c, eventfd_signal_mask
void signal(TimerCtx ctx, line *l)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, l->lock) {
        l->count++;
        if (waitqueue_active(&l->wait))
            wake_up_interruptible_poll(ctx, &l->wait, 1);
    }
}

// idiom: a wait with a mutex held, which others need not -- drivers/usb/class/usblp.c, usblp_wwait
int wait_locked(SyscallCtx ctx, line *l)
{
    KCTX_MUTEX_LOCK_INTERRUPTIBLE(ctx, l->readers) {
        return wait_event_interruptible(ctx, l->wait, l->count != 0);
    }
    return -ERESTARTSYS;
}

// idiom: prepare_to_wait(), look, schedule(), finish_wait() -- net/core/sock.c, sock_wait_for_wmem
int wait_by_hand(SyscallCtx ctx, line *l)
{
    wait_queue_entry wait;
    int error = 0;
    for (;;) {
        prepare_to_wait(ctx, &l->wait, &wait, TASK_INTERRUPTIBLE);
        if (l->count != 0)
            break;
        if (signal_pending(get_current())) {
            error = -ERESTARTSYS;
            break;
        }
        schedule(ctx);
    }
    finish_wait(ctx, &l->wait, &wait);
    return error;
}

// idiom: the lock is dropped for the wait and taken again -- fs/timerfd.c, timerfd_read
int wait_unlocked(SyscallCtx ctx, line *l)
{
    auto locked = spin_lock_irq(ctx, &l->lock);
    while (l->count == 0) {
        auto unlocked = spin_unlock_irq(locked, &l->lock);
        wait_event(unlocked, l->wait, l->count != 0);
        locked = spin_lock_irq(unlocked, &l->lock);
    }
    const int n = l->count;
    spin_unlock_irq(locked, &l->lock);
    return n;
}

// idiom: a simple wait queue, woken from a hard irq -- kernel/rcu/tree.c, rcu_gp_kthread_wake
irqreturn_t hard(HardIrqCtx ctx, int, void *dev)
{
    auto *l = static_cast<line *>(dev);
    l->status |= 2;
    swake_up_one(ctx, &l->simple);
    return IRQ_HANDLED;
}
int setup_hard(ProcessCtx ctx, line *l)
{
    init_swait_queue_head(&l->simple);
    return request_irq(ctx, 11, handler<hard>, IRQF_NO_THREAD, "line", l);
}
void wait_simple(KthreadCtx ctx, line *l)
{
    swait_event_exclusive(ctx, l->simple, (l->status & 2) != 0);
}

// idiom: polling with a sleep between, up to a limit -- drivers/net/ethernet/realtek/r8169_main.c, rtl_loop_wait
int poll_with_sleep(SyscallCtx ctx, const line *l)
{
    for (int i = 0; i < 100; i++) {
        if ((l->status & 4) != 0)
            return 0;
        usleep_range(ctx, 10, 20);
    }
    return -ETIMEDOUT;
}

// idiom: polling with udelay() in an interrupt -- drivers/mmc/host/sdhci.c, sdhci_reset
int poll_in_irq(IrqCtx, const line *l)
{
    for (int i = 0; i < 100; i++) {
        if ((l->status & 4) != 0)
            return 0;
        udelay(10);
    }
    return -ETIMEDOUT;
}
} // namespace events
