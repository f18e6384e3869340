// SPDX-License-Identifier: BSL-1.0
// Code without tokens, as ported from C: clang 20 and later follow it from its handlers.
// FLAGS: -DKCTX_PLAIN_CALLS
#include <kctx/api/completion.hpp>
#include <kctx/api/delay.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

struct port_lock : spinlock_t {};
struct config_lock : mutex {};
struct port {
    port_lock lock;
    config_lock config;
    completion done;
    work_struct reset;
    timer_list poll;
    int events = 0;
};

// idiom: a plain helper that spins, called from a handler -- drivers/net/ethernet/realtek/r8169_main.c, rtl_ack_events
static void count(port *p)
{
    spin_lock(&p->lock);
    p->events++;
    spin_unlock(&p->lock);
    udelay(1);
}

// idiom: a plain handler -- drivers/tty/serial/8250/8250_core.c, serial8250_interrupt
static irqreturn_t isr(int, void *dev)
{
    auto *p = static_cast<port *>(dev);
    count(p);
    complete(&p->done);
    schedule_work(&p->reset);
    return IRQ_HANDLED;
}

// idiom: a plain handler allocates with GFP_ATOMIC -- drivers/tty/tty_buffer.c, tty_buffer_alloc
static irqreturn_t allocating_isr(int, void *dev)
{
    void *p = KCTX_TRY(kmalloc(16, GFP_ATOMIC), return IRQ_HANDLED);
    count(static_cast<port *>(dev));
    kfree(p);
    return IRQ_HANDLED;
}

// idiom: a plain timer that arms itself again -- kernel/workqueue.c, wq_watchdog_timer_fn
static void poll(timer_list *timer)
{
    count(container_of(timer, port, poll));
    mod_timer(timer, jiffies + 10);
}

// idiom: a plain work item sleeps and takes a mutex -- drivers/usb/core/hcd.c, hcd_died_work
static void reset(work_struct *work)
{
    port *p = container_of(work, port, reset);
    mutex_lock(&p->config);
    msleep(10);
    mutex_unlock(&p->config);
}

// idiom: plain registration -- drivers/tty/serial/8250/8250_core.c, serial_link_irq_chain
int probe(port *p)
{
    INIT_WORK(&p->reset, handler<reset>);
    timer_setup(&p->poll, handler<poll>, 0);
    if (const int error = request_irq(42, handler<allocating_isr>, IRQF_SHARED, "port-2", p);
        error != 0)
        return error;
    return request_irq(41, handler<isr>, IRQF_SHARED, "port", p);
}

// idiom: a plain function that waits, called from none of the handlers -- drivers/spi/spi-imx.c, spi_imx_dma_transfer
int transfer(port *p)
{
    reinit_completion(&p->done);
    return wait_for_completion_timeout(&p->done, 100) == 0 ? -ETIMEDOUT : 0;
}

// idiom: irqsave, plain -- drivers/tty/serial/imx.c, imx_uart_break_ctl
int take_events(port *p)
{
    unsigned long flags;
    spin_lock_irqsave(&p->lock, flags);
    const int n = p->events;
    p->events = 0;
    spin_unlock_irqrestore(&p->lock, flags);
    return n;
}
