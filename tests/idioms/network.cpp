// SPDX-License-Identifier: BSL-1.0
// Network drivers: NAPI, transmit queues, packets freed and allocated.
#include <kctx/api/dma.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/net.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace nic {
struct tx_lock : spinlock_t {};
struct config_lock : mutex {};
struct nic {
    napi_struct napi;
    net_device *dev = nullptr;
    device *parent = nullptr;
    iomem *base = nullptr;
    tx_lock lock;
    config_lock config;
    sk_buff *rx = nullptr;
    dma_addr_t rx_address = 0;
    sk_buff *waiting = nullptr;
    work_struct reset;
    timer_list link;
};

// idiom: the handler masks its interrupts and schedules the poll -- drivers/net/ethernet/realtek/r8169_main.c, rtl8169_interrupt
irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    auto *n = static_cast<nic *>(dev);
    if (readl(n->base) == 0)
        return IRQ_NONE;
    writel(0, n->base + 4);
    napi_schedule(ctx, &n->napi);
    return IRQ_HANDLED;
}

// idiom: the poll function receives up to its budget, then unmasks -- drivers/net/ethernet/realtek/r8169_main.c, rtl8169_poll
int poll(NapiCtx ctx, napi_struct *napi, int budget)
{
    nic *n = container_of(napi, nic, napi);
    int done = 0;
    while (done < budget && (readl(n->base) & 1) != 0) {
        sk_buff *skb = KCTX_TRY(napi_alloc_skb(ctx, napi, 1500), break);
        netif_receive_skb(ctx, skb);
        done++;
    }
    if (done < budget && napi_complete_done(ctx, napi, done))
        writel(1, n->base + 4);
    return done;
}

// idiom: the poll function frees what was sent, and wakes the queue -- drivers/net/ethernet/intel/e1000e/netdev.c, e1000_clean_tx_irq
void clean_tx(NapiCtx ctx, nic *n)
{
    KCTX_SPIN_LOCK(ctx, n->lock) {
        if (n->waiting) {
            dma_unmap_single(ctx, n->parent, n->rx_address, n->waiting->len, DMA_TO_DEVICE);
            consume_skb(ctx, n->waiting);
            n->waiting = nullptr;
            netif_wake_queue(ctx, n->dev);
        }
    }
}

// idiom: the ring is filled again with GFP_ATOMIC, and what fails is left for later -- drivers/net/ethernet/intel/e1000e/netdev.c, e1000_alloc_rx_buffers
void refill(NapiCtx ctx, nic *n)
{
    sk_buff *skb = KCTX_TRY(netdev_alloc_skb(ctx, n->dev, 1500), return);
    n->rx_address = dma_map_single(ctx, n->parent, skb->data, 1500, DMA_FROM_DEVICE);
    if (dma_mapping_error(n->parent, n->rx_address) != 0) {
        dev_kfree_skb_any(ctx, skb);
        return;
    }
    n->rx = skb;
}
int poll_all(NapiCtx ctx, napi_struct *napi, int)
{
    nic *n = container_of(napi, nic, napi);
    clean_tx(ctx, n);
    refill(ctx, n);
    napi_complete_done(ctx, napi, 0);
    return 0;
}

// idiom: xmit, with bottom halves off: map, queue, stop when full -- drivers/net/ethernet/realtek/r8169_main.c, rtl8169_start_xmit
template <context C> netdev_tx_t xmit(C ctx, nic *n, sk_buff *skb)
{
    const dma_addr_t address = dma_map_single(ctx, n->parent, skb->data, skb->len, DMA_TO_DEVICE);
    if (dma_mapping_error(n->parent, address) != 0) {
        dev_kfree_skb_any(ctx, skb);
        return NETDEV_TX_OK;
    }
    KCTX_SPIN_LOCK_IRQSAVE(ctx, n->lock) {
        if (n->waiting) {
            netif_stop_queue(n->dev);
            return NETDEV_TX_BUSY;
        }
        n->waiting = skb;
        writel(2, n->base + 4);
    }
    return NETDEV_TX_OK;
}
netdev_tx_t xmit_in_softirq(SoftirqCtx ctx, nic *n, sk_buff *skb) { return xmit(ctx, n, skb); }

// idiom: under irqsave a packet is freed by a softirq -- drivers/net/hamradio/scc.c, scc_discard_buffers
void discard(ProcessCtx ctx, nic *n)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, n->lock) {
        if (n->waiting)
            dev_kfree_skb_irq(ctx, n->waiting);
        n->waiting = nullptr;
    }
}

// idiom: a packet freed in a handler, by a softirq -- drivers/net/ethernet/realtek/8139cp.c, cp_tx
irqreturn_t tx_isr(IrqCtx ctx, int, void *dev)
{
    auto *n = static_cast<nic *>(dev);
    KCTX_SPIN_LOCK(ctx, n->lock) {
        dev_kfree_skb_irq(ctx, n->waiting);
        n->waiting = nullptr;
    }
    return IRQ_HANDLED;
}

// idiom: open: memory, then the line, then NAPI -- drivers/net/ethernet/realtek/r8169_main.c, rtl_open
int open(ProcessCtx ctx, nic *n, unsigned int irq)
{
    n->napi.poll = handler<poll>;
    n->rx = KCTX_TRY(alloc_skb(ctx, 1500, GFP_KERNEL), return -ENOMEM);
    if (const int error = request_irq(ctx, irq, handler<isr>, IRQF_SHARED, "nic", n); error != 0) {
        kfree_skb(ctx, n->rx);
        return error;
    }
    napi_enable(ctx, &n->napi);
    netif_start_queue(n->dev);
    return 0;
}
int open_tx(ProcessCtx ctx, nic *n, unsigned int irq)
{
    n->napi.poll = handler<poll_all>;
    return request_irq(ctx, irq, handler<tx_isr>, IRQF_SHARED, "nic-tx", n);
}

// idiom: stop: NAPI off, the line, then the memory -- drivers/net/ethernet/realtek/r8169_main.c, rtl8169_close
void close(ProcessCtx ctx, nic *n, unsigned int irq)
{
    netif_tx_disable(ctx, n->dev);
    napi_disable(ctx, &n->napi);
    free_irq(ctx, irq, n);
    kfree_skb(ctx, n->rx);
    n->rx = nullptr;
}

// idiom: a work item resets the device under the rtnl mutex -- drivers/net/ethernet/realtek/r8169_main.c, rtl_task
void reset(WorkCtx ctx, work_struct *work)
{
    nic *n = container_of(work, nic, reset);
    rtnl_lock(ctx);
    napi_disable(ctx, &n->napi);
    msleep(ctx, 10);
    napi_enable(ctx, &n->napi);
    rtnl_unlock(ctx);
}

// idiom: a timer looks at the link and tells the stack -- drivers/net/ethernet/broadcom/b44.c, b44_timer
void link(TimerCtx ctx, timer_list *timer)
{
    nic *n = container_of(timer, nic, link);
    if ((readl(n->base) & 4) != 0)
        netif_carrier_on(ctx, n->dev);
    else
        netif_carrier_off(ctx, n->dev);
    mod_timer(ctx, timer, jiffies + 250);
}
void setup_work(nic *n)
{
    INIT_WORK(&n->reset, handler<reset>);
    timer_setup(&n->link, handler<link>, 0);
}

// idiom: the transmit timeout, in a softirq, leaves the reset to a work item -- drivers/net/ethernet/realtek/r8169_main.c, rtl8169_tx_timeout
void tx_timeout(TimerCtx ctx, nic *n) { schedule_work(ctx, &n->reset); }

// idiom: a packet built in a system call and sent -- net/packet/af_packet.c, packet_snd
int send(SyscallCtx ctx)
{
    sk_buff *skb = KCTX_TRY(alloc_skb(ctx, 128, GFP_KERNEL), return -ENOBUFS);
    return dev_queue_xmit(ctx, skb);
}

// idiom: a packet handed up by a task goes to the backlog -- drivers/net/loopback.c, loopback_xmit
void inject(KthreadCtx ctx, sk_buff *skb) { netif_rx(ctx, skb); }

// idiom: the mutex of the configuration, not the rtnl one, around PHY accesses -- drivers/net/phy/phylink.c, phylink_resolve
int phy_state(WorkCtx ctx, nic *n, mii_bus *bus)
{
    KCTX_MUTEX_LOCK(ctx, n->config) {
        return mdiobus_read(ctx, bus, 1, 1);
    }
    return 0;
}
} // namespace nic
