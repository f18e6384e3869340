// SPDX-License-Identifier: BSL-1.0
#include "uart_dma.hpp"

#include <kctx/api/kernel.hpp>

namespace uart_dma {

// What holds the port's lock, taken in whatever context: the type says that it is held.
template <class C> using Locked = SpinLockedIrqsave<port_lock, C>;

// Hands the terminal what the transfer has brought since the last time.
template <context C> static void push_received(Locked<C> ctx, port *p, size_t received)
{
    for (; p->rx_taken < received; p->rx_taken++) {
        if (tty_insert_flip_char(ctx, p->tty, p->rx_buffer[p->rx_taken], 0) == 0)
            break;
    }
    tty_flip_buffer_push(ctx, p->tty);
}

static void rx_done(TaskletCtx ctx, void *param);
static void tx_done(TaskletCtx ctx, void *param);

template <context C> static int start_rx(Locked<C> ctx, port *p)
{
    dma_async_tx_descriptor *transfer =
        dmaengine_prep_slave_single(ctx, p->rx, p->rx_address, RX_SIZE, DEV_TO_MEM, 0);
    if (!transfer)
        return -EBUSY;
    transfer->callback = handler<rx_done>;
    transfer->callback_param = p;
    p->rx_taken = 0;
    dmaengine_submit(ctx, transfer);
    dma_async_issue_pending(ctx, p->rx);
    return 0;
}

// Takes from the ring what fits into one transfer; the rest follows when that is done.
template <context C> static void start_tx(Locked<C> ctx, port *p)
{
    if (p->tx_sending != 0)
        return;
    size_t n = 0;
    while (n < sizeof p->tx_buffer && kfifo_get(&p->tx_ring, &p->tx_buffer[n]) != 0)
        n++;
    if (n == 0)
        return;
    p->tx_address = dma_map_single(ctx, p->dev, p->tx_buffer, n, DMA_TO_DEVICE);
    if (dma_mapping_error(p->dev, p->tx_address) != 0) {
        p->lost += n;
        return;
    }
    dma_async_tx_descriptor *transfer =
        dmaengine_prep_slave_single(ctx, p->tx, p->tx_address, n, MEM_TO_DEV, 0);
    if (!transfer) {
        dma_unmap_single(ctx, p->dev, p->tx_address, n, DMA_TO_DEVICE);
        p->lost += n;
        return;
    }
    transfer->callback = handler<tx_done>;
    transfer->callback_param = p;
    p->tx_sending = n;
    dmaengine_submit(ctx, transfer);
    dma_async_issue_pending(ctx, p->tx);
}

// The callbacks of the DMA controller run in a tasklet, with no lock of ours held.
static void rx_done(TaskletCtx ctx, void *param)
{
    auto *p = static_cast<port *>(param);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        push_received(ctx, p, RX_SIZE);
        if (start_rx(ctx, p) != 0)
            pr_err("uart_dma: reception has stopped\n");
    }
}

static void tx_done(TaskletCtx ctx, void *param)
{
    auto *p = static_cast<port *>(param);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        dma_unmap_single(ctx, p->dev, p->tx_address, p->tx_sending, DMA_TO_DEVICE);
        p->tx_sending = 0;
        start_tx(ctx, p);
    }
    uart_write_wakeup(ctx, p->uart);
}

// The handler takes a spinlock_t, so that PREEMPT_RT must be allowed to thread it: no
// IRQF_NO_THREAD.
static irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<port *>(dev);
    const u32 status = readl(p->base + STATUS) & (IDLE | OVERRUN);
    if (status == 0)
        return IRQ_NONE;
    writel(status, p->base + STATUS);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        if ((status & OVERRUN) != 0)
            p->overruns++;
        push_received(ctx, p, RX_SIZE - readl(p->base + RX_LEFT));
    }
    return IRQ_HANDLED;
}

// A line that never falls silent for long would wait for a full buffer: look now and then.
static void poll(TimerCtx ctx, timer_list *timer)
{
    port *p = container_of(timer, port, poll);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        push_received(ctx, p, RX_SIZE - readl(p->base + RX_LEFT));
    }
    mod_timer(ctx, timer, jiffies + msecs_to_jiffies(20));
}

size_t write(SyscallCtx ctx, port *p, const u8 *text, size_t n)
{
    size_t taken = 0;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        while (taken < n && kfifo_put(&p->tx_ring, text[taken]) != 0)
            taken++;
        start_tx(ctx, p);
    }
    return taken;
}

// A break lasts a quarter of a second: the mutex keeps the settings as they are, and the lock is
// held only for the register.
int send_break(SyscallCtx ctx, port *p, unsigned int msecs)
{
    KCTX_MUTEX_LOCK(ctx, p->config) {
        if (!p->open)
            return -EIO;
        KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
            writel(ENABLE | BREAK, p->base + CONTROL);
        }
        msleep(ctx, msecs);
        KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
            writel(ENABLE, p->base + CONTROL);
        }
    }
    return 0;
}

void set_divisor(SyscallCtx ctx, port *p, u32 divisor)
{
    KCTX_MUTEX_LOCK(ctx, p->config) {
        KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
            writel(divisor, p->base + DIVISOR);
        }
    }
}

// No lock, no token: reading a register and spinning is all that an NMI may do.
void console_write(port *p, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (int tries = 1000; tries > 0 && (readl(p->base + STATUS) & TX_FULL) != 0; tries--)
            udelay(1);
        writel(static_cast<u8>(text[i]), p->base + DATA);
    }
}

template <context C> static int start(MutexLocked<config_lock, C> ctx, port *p)
{
    p->rx_buffer = KCTX_TRY(dma_alloc_coherent(ctx, p->dev, RX_SIZE, &p->rx_address, GFP_KERNEL),
                            return -ENOMEM);
    int error = request_irq(ctx, p->irq, handler<isr>, IRQF_SHARED, "uart_dma", p);
    if (error != 0)
        goto free_buffer;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        error = start_rx(ctx, p);
        if (error == 0)
            writel(ENABLE, p->base + CONTROL);
    }
    if (error != 0)
        goto free_line;
    mod_timer(ctx, &p->poll, jiffies + msecs_to_jiffies(20));
    return 0;

free_line:
    free_irq(ctx, p->irq, p);
free_buffer:
    dma_free_coherent(ctx, p->dev, RX_SIZE, p->rx_buffer, p->rx_address);
    return error;
}

int startup(SyscallCtx ctx, port *p)
{
    KCTX_MUTEX_LOCK(ctx, p->config) {
        if (const int error = start(ctx, p); error != 0)
            return error;
        p->open = true;
    }
    return 0;
}

// Everything that may still run is waited for, and none of it takes the mutex that is held here.
void shutdown(SyscallCtx ctx, port *p)
{
    KCTX_MUTEX_LOCK(ctx, p->config) {
        p->open = false;
        writel(0, p->base + CONTROL);
        free_irq(ctx, p->irq, p);
        timer_delete_sync(ctx, &p->poll);
        dmaengine_terminate_sync(ctx, p->tx);
        dmaengine_terminate_sync(ctx, p->rx);
        if (p->tx_sending != 0)
            dma_unmap_single(ctx, p->dev, p->tx_address, p->tx_sending, DMA_TO_DEVICE);
        p->tx_sending = 0;
        dma_free_coherent(ctx, p->dev, RX_SIZE, p->rx_buffer, p->rx_address);
        p->rx_buffer = nullptr;
    }
}

int probe(ProcessCtx ctx, port *p, device *dev, iomem *base, unsigned int irq)
{
    p->dev = dev;
    p->base = base;
    p->irq = irq;
    mutex_init(&p->config);
    timer_setup(&p->poll, handler<poll>, 0);
    p->rx = dma_request_chan(ctx, dev, "rx");
    if (IS_ERR(p->rx))
        return static_cast<int>(PTR_ERR(p->rx));
    p->tx = dma_request_chan(ctx, dev, "tx");
    if (IS_ERR(p->tx)) {
        dma_release_channel(ctx, p->rx);
        return static_cast<int>(PTR_ERR(p->tx));
    }
    return 0;
}

void remove(ProcessCtx ctx, port *p)
{
    dma_release_channel(ctx, p->tx);
    dma_release_channel(ctx, p->rx);
}

} // namespace uart_dma
