// SPDX-License-Identifier: BSL-1.0
// Interrupt lines: shared, threaded, one-shot, never threaded, disabled.
#include <kctx/api/completion.hpp>
#include <kctx/api/i2c.hpp>
#include <kctx/api/input.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/pci.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace touch {
struct panel {
    i2c_client *client;
    input_dev *input;
};

// idiom: a thread alone serves the line, IRQF_ONESHOT keeps it masked meanwhile -- drivers/input/touchscreen/edt-ft5x06.c, edt_ft5x06_ts_isr
irqreturn_t thread(ThreadedIrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<panel *>(dev);
    u8 point[4];
    i2c_msg message{0x38, 1, sizeof point, point};
    if (i2c_transfer(ctx, p->client->adapter, &message, 1) != 1)
        return IRQ_HANDLED;
    input_report_abs(ctx, p->input, 0, point[0]);
    input_report_abs(ctx, p->input, 1, point[1]);
    input_sync(ctx, p->input);
    return IRQ_HANDLED;
}
int probe(ProcessCtx ctx, panel *p, unsigned int irq)
{
    return request_threaded_irq(ctx, irq, nullptr, handler<thread>,
                                IRQF_ONESHOT | IRQF_TRIGGER_FALLING, "panel", p);
}
} // namespace touch

namespace adc {
struct chip_lock : mutex {};
struct chip {
    iomem *base;
    chip_lock lock;
    completion converted;
    u32 status = 0;
};

// idiom: the primary handler asks whether it is ours, the thread may wait -- drivers/input/touchscreen/ads7846.c, ads7846_hard_irq and ads7846_irq
irqreturn_t is_ours(HardIrqCtx, int, void *dev)
{
    auto *c = static_cast<chip *>(dev);
    c->status = readl(c->base);
    return c->status != 0 ? IRQ_WAKE_THREAD : IRQ_NONE;
}
irqreturn_t convert(ThreadedIrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<chip *>(dev);
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        msleep(ctx, 1);
        writel(c->status, c->base);
    }
    return IRQ_HANDLED;
}

// idiom: a shared line whose primary handler knows its device -- drivers/mmc/host/sdhci.c, sdhci_irq
int probe(ProcessCtx ctx, chip *c, unsigned int irq)
{
    return request_threaded_irq(ctx, irq, handler<is_ours>, handler<convert>, IRQF_SHARED, "adc",
                                c);
}

// idiom: complete() from the thread of an irq -- drivers/i2c/busses/i2c-omap.c, omap_i2c_isr_thread
irqreturn_t done_thread(ThreadedIrqCtx ctx, int, void *dev)
{
    complete(ctx, &static_cast<chip *>(dev)->converted);
    return IRQ_HANDLED;
}
int probe_done(ProcessCtx ctx, chip *c, unsigned int irq)
{
    return request_threaded_irq(ctx, irq, nullptr, handler<done_thread>, IRQF_ONESHOT, "adc-done",
                                c);
}

// idiom: complete_all() from the thread, which PREEMPT_RT bears -- drivers/pci/controller/dwc/pcie-tegra194.c, tegra_pcie_ep_irq_thread
irqreturn_t gone_thread(ThreadedIrqCtx ctx, int, void *dev)
{
    complete_all(ctx, &static_cast<chip *>(dev)->converted);
    return IRQ_HANDLED;
}
int probe_gone(ProcessCtx ctx, chip *c, unsigned int irq)
{
    return request_threaded_irq(ctx, irq, nullptr, handler<gone_thread>,
                                IRQF_ONESHOT | IRQF_TRIGGER_RISING, "adc-gone", c);
}
} // namespace adc

namespace host_controller {
struct hc_lock : spinlock_t {};
struct raw_lock : raw_spinlock_t {};
struct hc {
    iomem *base;
    unsigned int irq;
    hc_lock lock;
    raw_lock status_lock;
    u32 status KCTX_GUARDED_BY(status_lock) = 0;
    work_struct died;
    wait_queue_head_t idle;
    bool dead = false;
};

// idiom: on a shared line a handler that finds nothing says IRQ_NONE -- drivers/usb/host/ohci-hcd.c, ohci_irq
irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *h = static_cast<hc *>(dev);
    const u32 status = readl(h->base);
    if (status == 0)
        return IRQ_NONE;
    KCTX_SPIN_LOCK(ctx, h->lock) {
        writel(status, h->base);
        h->dead = (status & 0x10) != 0;
    }
    if ((status & 0x10) != 0)
        schedule_work(ctx, &h->died); // what takes long is for process context
    else
        wake_up(ctx, &h->idle);
    return IRQ_HANDLED;
}

// idiom: the work item of a handler resets the device, and may sleep -- drivers/usb/core/hcd.c, hcd_died_work
void died(WorkCtx ctx, work_struct *work)
{
    hc *h = container_of(work, hc, died);
    disable_irq(ctx, h->irq);
    writel(1, h->base + 4);
    msleep(ctx, 50);
    enable_irq(ctx, h->irq);
}
int start(ProcessCtx ctx, hc *h)
{
    INIT_WORK(&h->died, handler<died>);
    init_waitqueue_head(&h->idle);
    return request_irq(ctx, h->irq, handler<isr>, IRQF_SHARED, "hc", h);
}

// idiom: a handler that must not be threaded takes raw locks only -- drivers/clocksource/timer-riscv.c, riscv_timer_interrupt
irqreturn_t tick(HardIrqCtx ctx, int, void *dev)
{
    auto *h = static_cast<hc *>(dev);
    KCTX_RAW_SPIN_LOCK(ctx, h->status_lock) {
        h->status++;
    }
    return IRQ_HANDLED;
}
int start_tick(ProcessCtx ctx, hc *h)
{
    return request_irq(ctx, h->irq, handler<tick>, IRQF_PERCPU | IRQF_NO_THREAD, "tick", h);
}

// idiom: a handler written for a true hard irq is good for every line -- drivers/tty/serial/sh-sci.c, sci_br_interrupt
int start_tick_shared(ProcessCtx ctx, hc *h)
{
    return request_irq(ctx, h->irq, handler<tick>, IRQF_SHARED, "tick", h);
}

// idiom: the handler disables its own line without waiting -- drivers/net/ethernet/8390/ax88796.c, ax_block_input
irqreturn_t storm(IrqCtx ctx, int irq, void *dev)
{
    auto *h = static_cast<hc *>(dev);
    disable_irq_nosync(ctx, static_cast<unsigned int>(irq));
    schedule_work(ctx, &h->died);
    return IRQ_HANDLED;
}
int start_storm(ProcessCtx ctx, hc *h)
{
    return request_irq(ctx, h->irq, handler<storm>, IRQF_SHARED, "storm", h);
}

// idiom: remove: silence the device, free the line, then cancel what it queued -- drivers/net/ethernet/intel/e1000e/netdev.c, e1000_remove
void remove(ProcessCtx ctx, hc *h)
{
    writel(0, h->base + 8);
    free_irq(ctx, h->irq, h);
    cancel_work_sync(ctx, &h->died);
}

// idiom: suspend waits for a running handler with no lock held -- drivers/usb/dwc3/gadget.c, dwc3_gadget_suspend
void suspend(ProcessCtx ctx, hc *h)
{
    KCTX_SPIN_LOCK_IRQ(ctx, h->lock) {
        writel(0, h->base + 8);
    }
    synchronize_irq(ctx, h->irq);
}

// idiom: one handler for each of several vectors -- drivers/nvme/host/pci.c, nvme_setup_irqs
int start_vectors(ProcessCtx ctx, hc *h, pci_dev *dev)
{
    const int n = pci_alloc_irq_vectors(ctx, dev, 1, 4, 0);
    for (int i = 0; i < n; i++) {
        const int error = request_irq(ctx, h->irq + static_cast<unsigned int>(i), handler<isr>,
                                      IRQF_TRIGGER_NONE, "hc-vector", h);
        if (error != 0)
            return error;
    }
    return n;
}

// idiom: a handler that needs nothing of its context takes no token -- drivers/net/ethernet/intel/igb/igb_main.c, igb_msix_other
irqreturn_t count_only(int, void *dev)
{
    static_cast<hc *>(dev)->dead = true;
    return IRQ_HANDLED;
}
int start_count(ProcessCtx ctx, hc *h)
{
    return request_irq(ctx, h->irq, handler<count_only>, IRQF_SHARED, "count", h);
}
} // namespace host_controller
