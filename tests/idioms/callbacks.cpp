// SPDX-License-Identifier: BSL-1.0
// Functions in structures, called in the context that their type names; helpers for any context.
#include <kctx/api/callback.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/printk.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

namespace irqchip {
struct chip;
KCTX_CALLBACK(irq_fn, irq_domain_add_linear, HardIrqCtx, void, chip *, unsigned int)
KCTX_CALLBACK(set_type_fn, irq_domain_add_linear, ProcessCtx, int, chip *, unsigned int)
struct chip_ops {
    irq_fn ack;
    irq_fn eoi;
    set_type_fn set_type;
};
struct chip_lock : raw_spinlock_t {};
struct chip {
    const chip_ops *ops;
    iomem *base;
    chip_lock lock;
};

// idiom: operations in a table, called by the core in their context -- kernel/irq/chip.c, handle_level_irq
irqreturn_t handle_level(HardIrqCtx ctx, int irq, void *dev)
{
    auto *c = static_cast<chip *>(dev);
    c->ops->ack(ctx, c, static_cast<unsigned int>(irq));
    if (c->ops->eoi)
        c->ops->eoi(ctx, c, static_cast<unsigned int>(irq));
    return IRQ_HANDLED;
}

// idiom: a driver's operations, one of which may sleep -- drivers/pinctrl/pinctrl-mcp23s08.c, mcp23s08_irq_set_type
void ack(HardIrqCtx ctx, chip *c, unsigned int line)
{
    KCTX_RAW_SPIN_LOCK(ctx, c->lock) {
        writel(1u << line, c->base);
    }
}
int set_type(ProcessCtx ctx, chip *c, unsigned int line)
{
    msleep(ctx, 1);
    writel(line, c->base + 4);
    return 0;
}
constexpr chip_ops ops{.ack = handler<ack>, .eoi = {}, .set_type = handler<set_type>};
int setup(ProcessCtx ctx, chip *c, unsigned int irq)
{
    c->ops = &ops;
    if (const int error = c->ops->set_type(ctx, c, irq); error != 0)
        return error;
    return request_irq(ctx, irq, handler<handle_level>, IRQF_NO_THREAD, "chip", c);
}
} // namespace irqchip

namespace gadget {
struct request;
KCTX_CALLBACK(complete_fn, usb_ep_queue, IrqCtx, void, request *)
struct request {
    complete_fn complete;
    request *next;
    bool done;
};
struct queue_lock : spinlock_t {};
struct udc {
    queue_lock lock;
    request *queue KCTX_GUARDED_BY(lock) = nullptr;
    wait_queue_head_t waiters;
};

// idiom: a request that names its own completion function -- drivers/usb/gadget/udc/core.c, usb_gadget_giveback_request
void done(IrqCtx, request *r) { r->done = true; }
void queue(SyscallCtx ctx, udc *u, request *r)
{
    r->complete = handler<done>;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, u->lock) {
        r->next = u->queue;
        u->queue = r;
    }
}

// idiom: completion functions are called without the lock -- drivers/usb/musb/musb_gadget.c, musb_g_giveback
irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *u = static_cast<udc *>(dev);
    request *r = nullptr;
    KCTX_SPIN_LOCK(ctx, u->lock) {
        r = u->queue;
        if (r)
            u->queue = r->next;
    }
    if (r)
        r->complete(ctx, r);
    return IRQ_HANDLED;
}
int setup(ProcessCtx ctx, udc *u)
{
    return request_irq(ctx, 14, handler<isr>, IRQF_SHARED, "udc", u);
}
} // namespace gadget

namespace under_a_lock {
struct clk_lock : mutex {};
using Prepared = MutexLocked<clk_lock, ProcessCtx>;
KCTX_CALLBACK(set_rate_fn, clk_register, Prepared, int, unsigned long)
struct clock {
    clk_lock lock;
    set_rate_fn set_rate;
};

// idiom: an operation that is always called with one lock held -- drivers/clk/clk.c, clk_change_rate
int slow_set_rate(Prepared ctx, unsigned long rate)
{
    usleep_range(ctx, 10, 20);
    return rate > 0 ? 0 : -EINVAL;
}
void init(clock *c) { c->set_rate = handler<slow_set_rate>; }
int change_rate(ProcessCtx ctx, clock *c, unsigned long rate)
{
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        return c->set_rate(ctx, rate);
    }
    return 0;
}
} // namespace under_a_lock

namespace any_context {
struct ring_lock : spinlock_t {};
struct ring {
    ring_lock lock;
    iomem *base;
    int pending = 0;
    wait_queue_head_t readers;
};

// idiom: a helper for whoever may take a spinlock_t -- drivers/usb/host/xhci-ring.c, xhci_ring_ep_doorbell
void ring_doorbell(allows<wait_type::config> auto ctx, ring *r)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, r->lock) {
        r->pending++;
    }
    wake_up(ctx, &r->readers);
}
void in_timer(TimerCtx ctx, ring *r) { ring_doorbell(ctx, r); }
void in_work(WorkCtx ctx, ring *r) { ring_doorbell(ctx, r); }
void in_syscall(SyscallCtx ctx, ring *r)
{
    KCTX_RCU_READ_LOCK(ctx) {
        ring_doorbell(ctx, r);
    }
}

// idiom: a helper for whoever may sleep -- drivers/base/core.c, device_add
int register_ring(allows<wait_type::sleep> auto ctx, ring *r)
{
    msleep(ctx, 1);
    init_waitqueue_head(&r->readers);
    return 0;
}
int in_probe(ProcessCtx ctx, ring *r) { return register_ring(ctx, r); }
int in_thread(KthreadCtx ctx, ring *r) { return register_ring(ctx, r); }

// idiom: one function, sleeping where it may and spinning where it may not -- drivers/pci/access.c, pci_wait_cfg
void wait_a_little([[maybe_unused]] context auto ctx)
{
    if constexpr (allows<decltype(ctx), wait_type::sleep>)
        usleep_range(ctx, 10, 20);
    else
        udelay(10);
}
void both(WorkCtx ctx, ring *r)
{
    wait_a_little(ctx);
    KCTX_SPIN_LOCK(ctx, r->lock) {
        wait_a_little(ctx);
    }
}

// idiom: printk() in an NMI, under a raw lock, with interrupts off -- lib/nmi_backtrace.c, nmi_cpu_backtrace
struct log_lock : raw_spinlock_t {};
void nmi(NmiCtx, const ring *r) { pr_warn("pending: %d\n", r->pending); }
void raw(IrqCtx ctx, log_lock *lock)
{
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
        pr_info("in a raw section\n");
        KCTX_LOCAL_IRQ_SAVE(ctx) {
            printk_deferred("with interrupts off\n");
            dump_stack();
        }
    }
}

// idiom: a helper of another file, whose declaration says what it bears -- drivers/usb/core/hcd.c, usb_hcd_irq
int handle_event(IrqCtx ctx, ring *r) KCTX_EFFECT_config;
int read_status(HardIrqCtx ctx, ring *r) KCTX_EFFECT_spin;
irqreturn_t event_isr(IrqCtx ctx, int, void *dev)
{
    return handle_event(ctx, static_cast<ring *>(dev)) != 0 ? IRQ_HANDLED : IRQ_NONE;
}
irqreturn_t status_isr(HardIrqCtx ctx, int, void *dev)
{
    return read_status(ctx, static_cast<ring *>(dev)) != 0 ? IRQ_HANDLED : IRQ_NONE;
}
int setup_events(ProcessCtx ctx, ring *r)
{
    if (const int error = request_irq(ctx, 24, handler<event_isr>, IRQF_SHARED, "event", r);
        error != 0)
        return error;
    return request_irq(ctx, 25, handler<status_isr>, IRQF_NO_THREAD, "status", r);
}

// idiom: a constant table, looked up in an interrupt -- drivers/tty/serial/8250/8250_port.c, autoconfig
constexpr int sizes[] = {1, 16, 64, 128};
irqreturn_t lookup_isr(HardIrqCtx, int, void *dev)
{
    auto *r = static_cast<ring *>(dev);
    r->pending = sizes[r->pending & 3];
    return IRQ_HANDLED;
}
int setup_lookup(ProcessCtx ctx, ring *r)
{
    return request_irq(ctx, 26, handler<lookup_isr>, IRQF_NO_THREAD, "lookup", r);
}

// idiom: a recursive helper, over a tree of known depth -- kernel/resource.c, __release_child_resources
struct node {
    node *children[2];
    int value;
};
int sum(const node *n) { return n ? n->value + sum(n->children[0]) + sum(n->children[1]) : 0; }
irqreturn_t sum_isr(IrqCtx, int, void *dev)
{
    return sum(static_cast<node *>(dev)) != 0 ? IRQ_HANDLED : IRQ_NONE;
}
int setup_sum(ProcessCtx ctx, node *n)
{
    return request_irq(ctx, 27, handler<sum_isr>, IRQF_SHARED, "sum", n);
}

// idiom: a helper without a token, for what is legal anywhere -- drivers/net/ethernet/realtek/r8169_main.c, rtl_ack_events
void ack(ring *r) { writel(readl(r->base), r->base); }
irqreturn_t isr(HardIrqCtx, int, void *dev)
{
    ack(static_cast<ring *>(dev));
    return IRQ_HANDLED;
}
int setup(ProcessCtx ctx, ring *r)
{
    return request_irq(ctx, 15, handler<isr>, IRQF_SHARED, "ring", r);
}
} // namespace any_context
