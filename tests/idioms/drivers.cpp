// SPDX-License-Identifier: BSL-1.0
// Three small drivers, each whole: a sensor on a bus, a network device, a character device.
#include <kctx/api/completion.hpp>
#include <kctx/api/devm_irq.hpp>
#include <kctx/api/devres.hpp>
#include <kctx/api/file_operations.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/kfifo.hpp>
#include <kctx/api/kthread.hpp>
#include <kctx/api/miscdevice.hpp>
#include <kctx/api/net.hpp>
#include <kctx/api/platform_resources.hpp>
#include <kctx/api/regmap.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

namespace sensor {
struct chip;
struct state_lock : mutex, used_in<CallbackOf<irq_of<chip>, ThreadedIrqCtx>> {};
struct poll_work : delayed_work {};
struct chip {
    regmap *map;
    state_lock lock;
    completion ready;
    unsigned int value;
    irq_of<chip> irq;
    workqueue_of<poll_work> wq;
    poll_work poll;
};

// idiom: the thread of a line reads its registers over a bus, under a mutex -- drivers/iio/light/apds9300.c, apds9300_interrupt_handler
irqreturn_t thread(CallbackOf<irq_of<chip>, ThreadedIrqCtx> ctx, int, void *data)
{
    auto *c = static_cast<chip *>(data);
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        unsigned int status = 0;
        if (regmap_read(ctx, c->map, 0x10, &status) != 0 || (status & 1) == 0)
            return IRQ_NONE;
        c->value = status >> 4;
        regmap_write(ctx, c->map, 0x10, status);
    }
    complete(ctx, &c->ready);
    return IRQ_HANDLED;
}

// idiom: the handler of a level line turns it off, and who waits for it is not the handler -- drivers/input/touchscreen/zforce_ts.c, zforce_suspend
irqreturn_t quiet_thread(CallbackOf<irq_of<chip>, ThreadedIrqCtx> ctx, int, void *data)
{
    auto *c = static_cast<chip *>(data);
    disable_irq_nosync(ctx, c->irq);
    return IRQ_HANDLED;
}
void suspend(ProcessCtx ctx, chip *c)
{
    disable_irq(ctx, c->irq);
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        c->value = 0;
    }
}

// idiom: a work item queues itself again on its own queue -- drivers/power/supply/bq27xxx_battery.c, bq27xxx_battery_poll
void poll(CallbackOf<poll_work, WorkCtx> ctx, work_struct *work)
{
    chip *c = container_of(to_delayed_work(work), chip, poll);
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        c->value++;
    }
    queue_delayed_work(ctx, c->wq, &c->poll, 5 * HZ);
}

// idiom: probe asks for the line's number, and all goes with the device -- drivers/watchdog/imx2_wdt.c, imx2_wdt_probe
int probe(ProcessCtx ctx, platform_device *pdev)
{
    chip *c = KCTX_TRY(devm_kzalloc(ctx, &pdev->dev, sizeof *c, GFP_KERNEL), return -ENOMEM);
    const int irq = platform_get_irq(ctx, pdev, 0);
    if (irq < 0)
        return irq;
    c->irq = irq_of<chip>(static_cast<unsigned int>(irq));
    c->wq = KCTX_TRY(alloc_ordered_workqueue(ctx, "sensor", 0), return -ENOMEM);
    init_completion(&c->ready);
    INIT_DELAYED_WORK(&c->poll, handler<poll>);
    platform_set_drvdata(pdev, c);
    queue_delayed_work(ctx, c->wq, &c->poll, HZ);
    return devm_request_threaded_irq(ctx, &pdev->dev, c->irq, nullptr, handler<thread>,
                                     IRQF_ONESHOT | IRQF_TRIGGER_LOW, "sensor", c);
}

// idiom: remove gives the line back first, and the queue then -- drivers/net/can/spi/mcp251x.c, mcp251x_can_stop and mcp251x_can_remove
void remove_chip(ProcessCtx ctx, platform_device *pdev)
{
    auto *c = static_cast<chip *>(platform_get_drvdata(pdev));
    devm_free_irq(ctx, &pdev->dev, c->irq, c);
    cancel_delayed_work_sync(ctx, &c->poll);
    destroy_workqueue(ctx, c->wq);
}

// idiom: a module that is one driver -- drivers/watchdog/dw_wdt.c, dw_wdt_driver
platform_driver driver{
    .probe = handler<probe>, .remove = handler<remove_chip>, .driver = {.name = "sensor"}};
module_platform_driver(driver);
MODULE_LICENSE("GPL");
} // namespace sensor

namespace ethernet {
struct tx_lock : spinlock_t {};
struct port {
    napi_struct napi;
    iomem *regs;
    tx_lock lock;
    net_device *dev;
    work_struct reset;
    timer_list watchdog;
    sk_buff *ring[16];
    unsigned int head, tail;
};

// idiom: the handler masks its device and leaves the packets to the poll function -- drivers/net/ethernet/realtek/r8169_main.c, rtl8169_interrupt
irqreturn_t isr(IrqCtx ctx, int, void *data)
{
    auto *p = static_cast<port *>(data);
    if (readl(p->regs + 4) == 0)
        return IRQ_NONE;
    writel(0, p->regs + 8);
    napi_schedule(ctx, &p->napi);
    return IRQ_HANDLED;
}

// idiom: poll receives up to its budget, frees what was sent, and ends -- drivers/net/ethernet/realtek/r8169_main.c, rtl8169_poll
int poll(NapiCtx ctx, napi_struct *napi, int budget)
{
    port *p = container_of(napi, port, napi);
    int done = 0;
    while (done < budget && readl(p->regs + 12) != 0) {
        sk_buff *skb = KCTX_TRY(napi_alloc_skb(ctx, napi, 1536), break);
        netif_receive_skb(ctx, skb);
        done++;
    }
    KCTX_SPIN_LOCK(ctx, p->lock) {
        while (p->tail != p->head)
            dev_consume_skb_any(ctx, p->ring[p->tail++ % 16]);
    }
    netif_wake_queue(ctx, p->dev);
    if (done < budget && napi_complete_done(ctx, napi, done))
        writel(1, p->regs + 8);
    return done;
}

// idiom: sending stops the queue when the ring is full -- drivers/net/ethernet/realtek/r8169_main.c, rtl8169_start_xmit
netdev_tx_t start_xmit(SoftirqCtx ctx, sk_buff *skb, port *p)
{
    KCTX_SPIN_LOCK(ctx, p->lock) {
        if (p->head - p->tail == ARRAY_SIZE(p->ring)) {
            netif_stop_queue(p->dev);
            return NETDEV_TX_BUSY;
        }
        p->ring[p->head++ % 16] = skb;
    }
    return NETDEV_TX_OK;
}

// idiom: a reset that must wait is a work item, under the rtnl mutex -- drivers/net/ethernet/realtek/r8169_main.c, rtl_task
void reset(WorkCtx ctx, work_struct *work)
{
    port *p = container_of(work, port, reset);
    rtnl_lock(ctx);
    napi_disable(ctx, &p->napi);
    netif_tx_disable(ctx, p->dev);
    usleep_range(ctx, 100, 200);
    napi_enable(ctx, &p->napi);
    netif_start_queue(p->dev);
    rtnl_unlock(ctx);
}

// idiom: a timer looks at the clock, and leaves what sleeps to the work -- drivers/net/ethernet/intel/e1000e/netdev.c, e1000_watchdog
void watchdog(TimerCtx ctx, timer_list *t)
{
    port *p = container_of(t, port, watchdog);
    if (time_after(jiffies, t->expires + 2 * HZ))
        schedule_work(ctx, &p->reset);
    mod_timer(ctx, t, jiffies + HZ / 2);
}
int open(ProcessCtx ctx, port *p, unsigned int irq)
{
    timer_setup(&p->watchdog, handler<watchdog>, 0);
    INIT_WORK(&p->reset, handler<reset>);
    netif_napi_add(p->dev, &p->napi, handler<poll>);
    napi_enable(ctx, &p->napi);
    return request_irq(ctx, irq, handler<isr>, IRQF_SHARED, "net", p);
}
} // namespace ethernet

namespace character {
struct fifo_lock : spinlock_t, used_in<IrqCtx> {};
struct device_state {
    miscdevice misc;
    kfifo<unsigned char, 64> fifo;
    fifo_lock lock;
    wait_queue_head_t readers;
    kthread_of<device_state> pump;
};

// idiom: the handler fills a kfifo and wakes the reader -- drivers/char/sonypi.c, sonypi_irq
irqreturn_t isr(IrqCtx ctx, int, void *data)
{
    auto *d = static_cast<device_state *>(data);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, d->lock) {
        kfifo_put(&d->fifo, static_cast<unsigned char>(7));
    }
    wake_up_interruptible(ctx, &d->readers);
    return IRQ_HANDLED;
}

// idiom: read waits for data, takes it under the lock, and copies it outside -- drivers/char/sonypi.c, sonypi_misc_read
ssize_t read(SyscallCtx ctx, file *f, user_ptr<char> to, size_t n, loff_t *)
{
    auto *d = static_cast<device_state *>(f->private_data);
    if (kfifo_is_empty(&d->fifo)) {
        if ((f->f_flags & 04000u) != 0)
            return -EAGAIN;
        if (const int error = wait_event_interruptible(ctx, d->readers, !kfifo_is_empty(&d->fifo)))
            return error;
    }
    unsigned char bytes[64];
    size_t got = 0;
    KCTX_SPIN_LOCK_IRQ(ctx, d->lock) {
        while (got < n && got < sizeof bytes && kfifo_get(&d->fifo, &bytes[got]) != 0)
            got++;
    }
    if (copy_to_user(ctx, to, bytes, got) != 0)
        return -EFAULT;
    return static_cast<ssize_t>(got);
}
const file_operations operations{.read = handler<read>};

// idiom: a thread runs until it is told to stop, by who is not the thread -- drivers/w1/w1_int.c, __w1_remove_master_device
int pump(CallbackOf<kthread_of<device_state>, KthreadCtx> ctx, void *data)
{
    auto *d = static_cast<device_state *>(data);
    while (!kthread_should_stop()) {
        wait_event_interruptible(ctx, d->readers, kthread_should_stop());
        cond_resched(ctx);
    }
    return 0;
}
int start(ProcessCtx ctx, device_state *d)
{
    d->pump = kthread_run(ctx, handler<pump>, d, "pump");
    if (IS_ERR(d->pump))
        return static_cast<int>(PTR_ERR(d->pump));
    d->misc = {"pump", &operations, 0600};
    return misc_register(ctx, &d->misc);
}
void stop(ProcessCtx ctx, device_state *d)
{
    misc_deregister(ctx, &d->misc);
    kthread_stop(ctx, d->pump);
}

// idiom: without waiting first, and with it if there is none -- mm/util.c, __kvmalloc_node_noprof
void *patient(ProcessCtx ctx, size_t n)
{
    return KCTX_TRY(kmalloc(ctx, n, GFP_NOWAIT | __GFP_NOWARN),
                    return KCTX_TRY(kmalloc(ctx, n, GFP_KERNEL), return nullptr));
}
} // namespace character
