// SPDX-License-Identifier: BSL-1.0
/// @file
/// The network: packets are memory, queues are locks, and polling is a softirq.
/// @par Kernel source
/// net/core/dev.c, net/core/skbuff.c, net/core/link_watch.c, net/core/rtnetlink.c,
/// drivers/net/phy/ (6.12).
#pragma once

#include <kctx/api/net.hpp>
#include <kctx/sim/kernel_lock.hpp>
#include <kctx/sim/memory.hpp>
#include <kctx/sim/rcu.hpp>
#include <kctx/sim/softirq.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

inline const kernel_lock<mutex> rtnl_mutex("rtnl_mutex");
inline const kernel_lock<spinlock_t> backlog_lock("&sd->input_pkt_queue.lock");
inline const kernel_lock<spinlock_t> qdisc_lock("&sch->q.lock");
inline const kernel_lock<spinlock_t> tx_lock("_xmit_ETHER");
inline const kernel_lock<spinlock_t> lweventlist_lock("lweventlist_lock");
inline const kernel_lock<mutex> mdio_lock("&bus->mdio_lock");

/// Bottom halves off, if nothing has turned them off: netif_rx() of a task.
class bh_off_in_task
{
    machine &m_ = here();
    bool off_ = !m_.in_interrupt();

public:
    bh_off_in_task()
    {
        if (off_)
            m_.local_bh_disable();
    }
    ~bh_off_in_task()
    {
        if (off_)
            m_.local_bh_enable();
    }
    bh_off_in_task(const bh_off_in_task &) = delete;
    bh_off_in_task &operator=(const bh_off_in_task &) = delete;
};

// A packet: its record, and its data.
inline sk_buff *new_skb(unsigned int size, gfp_t flags)
{
    auto *const skb = static_cast<sk_buff *>(allocate_slab(sizeof(sk_buff), zeroed(flags)));
    if (!skb)
        return nullptr;
    skb->data = static_cast<unsigned char *>(allocate_slab(std::max(size, 1u), flags));
    skb->len = size;
    if (skb->data)
        return skb;
    release_slab(skb);
    return nullptr;
}
inline void free_skb(sk_buff *skb)
{
    if (!skb)
        return;
    release_slab(skb->data);
    release_slab(skb);
}
/// A softirq frees it.
inline void free_skb_later(sk_buff *skb)
{
    raises_softirq([skb] { free_skb(skb); }, {"net_tx_action"});
}
inline void free_skb_any(sk_buff *skb)
{
    if (here().in_hardirq() || here().irqs_disabled())
        free_skb_later(skb);
    else
        free_skb(skb);
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void rtnl_lock() noexcept
{
    const sim::in_call in("rtnl_lock");
    env::mutex_lock(sim::rtnl_mutex.get());
}
void rtnl_unlock() noexcept
{
    const sim::in_call in("rtnl_unlock");
    env::mutex_unlock(sim::rtnl_mutex.get());
    sim::sleeps("net/core/dev.c");
}
KCTX_SIM_CALL(int, register_netdev, (net_device *), passes(rtnl_mutex), allocates(gfp_kernel))
KCTX_SIM_CALL(void, unregister_netdev, (net_device *), passes(rtnl_mutex), sleeps("net/core/dev.c"))
KCTX_SIM_CALL(int, dev_set_mac_address, (net_device *, void *), sleeps("net/core/dev.c"))
KCTX_SIM_CALL(void, dev_close, (net_device *), sleeps("net/core/dev.c"))
void synchronize_net() noexcept
{
    const sim::in_call in("synchronize_net");
    sim::sleeps("net/core/dev.c");
    env::synchronize_rcu();
}
int netif_rx(sk_buff *) noexcept
{
    const sim::in_call in("netif_rx");
    const sim::bh_off_in_task off;
    sim::passes(sim::backlog_lock);
    return 0;
}
int netif_receive_skb(sk_buff *) noexcept
{
    const sim::in_call in("netif_receive_skb");
    env::rcu_read_lock();
    sim::passes(sim::backlog_lock);
    env::rcu_read_unlock();
    return 0;
}
bool napi_complete_done(napi_struct *napi, int) noexcept
{
    const sim::in_call in("napi_complete_done");
    napi->state = 0;
    return true;
}
void napi_schedule(napi_struct *napi) noexcept
{
    const sim::in_call in("napi_schedule");
    sim::schedule_poll(napi);
}
void napi_disable(napi_struct *napi) noexcept
{
    const sim::in_call in("napi_disable");
    sim::sleeps("net/core/dev.c");
    sim::wait_for_poll(napi);
}
KCTX_SIM_CALL(void, napi_enable, (napi_struct *), nothing())
void napi_synchronize(const napi_struct *napi) noexcept
{
    const sim::in_call in("napi_synchronize");
    sim::sleeps("include/linux/netdevice.h");
    sim::wait_for_poll(napi);
}
KCTX_SIM_CALL(void, netif_start_queue, (net_device *), nothing())
KCTX_SIM_CALL(void, netif_stop_queue, (net_device *), nothing())
KCTX_SIM_CALL(void, netif_wake_queue, (net_device *),
              raises_softirq(nothing_to_serve, {"net_tx_action"}))
void netif_tx_disable(net_device *) noexcept
{
    const sim::in_call in("netif_tx_disable");
    env::local_bh_disable();
    env::spin_lock(sim::tx_lock.get());
    env::spin_unlock(sim::tx_lock.get());
    env::local_bh_enable();
}
KCTX_SIM_CALL(void, netif_carrier_on, (net_device *), passes(lweventlist_lock))
KCTX_SIM_CALL(void, netif_carrier_off, (net_device *), passes(lweventlist_lock))
int dev_queue_xmit(sk_buff *skb) noexcept
{
    const sim::in_call in("dev_queue_xmit");
    env::rcu_read_lock_bh();
    env::spin_lock(sim::qdisc_lock.get());
    env::spin_unlock(sim::qdisc_lock.get());
    env::rcu_read_unlock_bh();
    sim::free_skb(skb);
    return 0;
}

sk_buff *alloc_skb(unsigned int size, gfp_t flags) noexcept
{
    const sim::in_call in("alloc_skb");
    return sim::new_skb(size, flags);
}
sk_buff *netdev_alloc_skb(net_device *, unsigned int length) noexcept
{
    const sim::in_call in("netdev_alloc_skb");
    return sim::new_skb(length, sim::gfp_atomic);
}
sk_buff *napi_alloc_skb(napi_struct *, unsigned int length) noexcept
{
    const sim::in_call in("napi_alloc_skb");
    return sim::new_skb(length, sim::gfp_atomic);
}
sk_buff *skb_copy(const sk_buff *skb, gfp_t flags) noexcept
{
    const sim::in_call in("skb_copy");
    return sim::new_skb(skb->len, flags);
}
sk_buff *skb_clone(sk_buff *skb, gfp_t flags) noexcept
{
    const sim::in_call in("skb_clone");
    return sim::new_skb(skb->len, flags);
}
KCTX_SIM_CALL(int, pskb_expand_head, (sk_buff *, int, int, gfp_t flags), allocates(flags))
KCTX_SIM_CALL(void, kfree_skb, (sk_buff * skb), free_skb(skb))
KCTX_SIM_CALL(void, consume_skb, (sk_buff * skb), free_skb(skb))
KCTX_SIM_CALL(void, dev_kfree_skb_any, (sk_buff * skb), free_skb_any(skb))
KCTX_SIM_CALL(void, dev_consume_skb_any, (sk_buff * skb), free_skb_any(skb))
KCTX_SIM_CALL(void, dev_kfree_skb_irq, (sk_buff * skb), free_skb_later(skb))

KCTX_SIM_CALL(void, phy_start, (phy_device * phy), passes(mutex_of(phy, "&dev->lock")))
KCTX_SIM_CALL(void, phy_stop, (phy_device * phy), passes(mutex_of(phy, "&dev->lock")))
KCTX_SIM_CALL(int, phy_read, (phy_device *, unsigned int), passes(mdio_lock))
KCTX_SIM_CALL(int, mdiobus_read, (mii_bus *, int, unsigned int), passes(mdio_lock))

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
