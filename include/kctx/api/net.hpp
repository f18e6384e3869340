// SPDX-License-Identifier: BSL-1.0
/// @file
/// Network devices and packets.
/// @par Kernel source
/// include/linux/netdevice.h, net/core/dev.c, include/linux/skbuff.h, net/core/skbuff.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/slab.hpp>

namespace kctx {

/// A packet.
struct sk_buff {
    unsigned char *data = nullptr; ///< the bytes of the packet
    unsigned int len = 0;          ///< bytes
};
/// A network device; the environment's.
struct net_device;
struct napi_struct;
/// A poll function: `int fn(NapiCtx, napi_struct *, int budget)`.
KCTX_CALLBACK(napi_poll_t, netif_napi_add, NapiCtx, int, napi_struct *, int)
/// What polls a device as long as packets come.
struct napi_struct {
    napi_poll_t poll;          ///< its poll function
    net_device *dev = nullptr; ///< whose packets it polls
    unsigned long state = 0;   ///< NAPI_STATE_*: whether it is scheduled or disabled
};
/// Has @p poll, `handler<fn>`, poll for the device (include/linux/netdevice.h).
inline void netif_napi_add(net_device *dev, napi_struct *napi, napi_poll_t poll) noexcept
{
    *napi = {poll, dev, 0};
}
struct netdev_queue; ///< a queue of a device; the environment's
struct phy_device;   ///< what drives the cable; the environment's
struct mii_bus;      ///< what it is reached by; the environment's
enum netdev_tx_t : int { NETDEV_TX_OK = 0, NETDEV_TX_BUSY = 0x10 };

// The kinds of call that depend on interrupts or softirqs.
namespace rule {
/// include/linux/skbuff.h: no kfree_skb() in a hard irq or with interrupts off.
struct frees_with_irqs_on {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return !s.hardirq && !s.irqs_disabled && !s.nmi;
    }
};
/// A task that turns bottom halves off and on again must have interrupts on
/// (kernel/softirq.c, __local_bh_enable_ip()).
struct irqs_on_in_task {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return !s.nmi && (s.hardirq || s.serving_softirq || s.bh_disabled || !s.irqs_disabled);
    }
};
/// Served by a softirq, or with bottom halves off.
struct in_softirq {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return (s.serving_softirq || s.bh_disabled) && !s.hardirq && !s.nmi;
    }
};
/// Where it may not free a packet at once it leaves it to a softirq.
struct frees_or_defers {
    static constexpr bool holds(const context_state &s, bool rt) noexcept
    {
        return !s.nmi && (s.hardirq || s.irqs_disabled || bears(s.allows, wait_type::config, rt));
    }
};
} // namespace rule
#define KCTX_BREAKS_frees_with_irqs_on(name)                                                                  \
    "kctx[irqs-off]: " name "() must not be called in a hard irq or with interrupts off; fix: "    \
    "dev_kfree_skb_any() to free, a NAPI poll function to receive and send"
#define KCTX_LEVEL_needs_irqs_on config
#define KCTX_RULE_needs_irqs_on frees_with_irqs_on
#define KCTX_SLUG_needs_irqs_on "rt-lock-in-raw-section"
#define KCTX_SAYS_needs_irqs_on(name, why) KCTX_SAYS_locks(name, why)
#define KCTX_BREAKS_irqs_on_in_task(name)                                                          \
    "kctx[irqs-off]: " name "() turns bottom halves on again, which a task must not do with "      \
    "interrupts off; fix: call it with interrupts on"
#define KCTX_LEVEL_needs_irqs_on_in_task config
#define KCTX_RULE_needs_irqs_on_in_task irqs_on_in_task
#define KCTX_SLUG_needs_irqs_on_in_task "rt-lock-in-raw-section"
#define KCTX_SAYS_needs_irqs_on_in_task(name, why) KCTX_SAYS_locks(name, why)
#define KCTX_BREAKS_in_softirq(name)                                                               \
    "kctx[softirq-only]: " name "() is for softirqs, and uses what their CPU has of its own; fix: " \
    "napi_schedule(), and do it in the poll function"
#define KCTX_LEVEL_for_softirq config
#define KCTX_RULE_for_softirq in_softirq
#define KCTX_SLUG_for_softirq "rt-lock-in-raw-section"
#define KCTX_SAYS_for_softirq(name, why) KCTX_SAYS_locks(name, why)
#define KCTX_BREAKS_frees_or_defers(name)                                                          \
    "kctx[alloc-in-raw-section]: " name "() takes the allocator's locks in a raw section of a "    \
    "task, which sleep on PREEMPT_RT; fix: free the packet after the section"
#define KCTX_LEVEL_frees_skb spin
#define KCTX_RULE_frees_skb frees_or_defers
#define KCTX_SLUG_frees_skb "alloc-in-raw-section"
#define KCTX_SAYS_frees_skb(name, why) KCTX_BREAKS_frees_or_defers(name)

#define KCTX_NET_SLEEP_WHY "takes the rtnl mutex"

/// Takes the lock of network configuration.
KCTX_CALL(sleeps, void, rtnl_lock, (), (), "is a mutex", KCTX_DO_LATER,
          "net/core/rtnetlink.c rtnl_lock()")
KCTX_CALL(sleeps, void, rtnl_unlock, (), (), "runs what waits for the lock to be given back",
          KCTX_GIVE_BACK, "net/core/rtnetlink.c rtnl_unlock()")
KCTX_CALL(sleeps, int, register_netdev, (net_device * dev), (dev), KCTX_NET_SLEEP_WHY,
          KCTX_DO_AT_PROBE, "net/core/dev.c register_netdev()")
KCTX_CALL(sleeps, void, unregister_netdev, (net_device * dev), (dev), KCTX_NET_SLEEP_WHY,
          KCTX_DO_AT_PROBE, "net/core/dev.c unregister_netdev()")
KCTX_CALL(sleeps, int, dev_set_mac_address, (net_device * dev, void *address), (dev, address),
          "calls notifiers, which may sleep, under the rtnl mutex", KCTX_DO_LATER,
          "net/core/dev.c dev_set_mac_address()")
KCTX_CALL(sleeps, void, dev_close, (net_device * dev), (dev),
          "waits for the queues to stop, under the rtnl mutex", KCTX_DO_LATER,
          "net/core/dev.c dev_close()")
/// Waits until no packet is under way.
KCTX_CALL(sleeps, void, synchronize_net, (), (), "waits for all readers of RCU", KCTX_DO_LATER,
          "net/core/dev.c synchronize_net()")
/// Hands a received packet to the backlog of this CPU.
KCTX_RULED_CALL(needs_irqs_on_in_task, int, netif_rx, (sk_buff * skb), (skb),
                "takes the lock of the backlog", "hand the packet over after the raw section",
                "net/core/dev.c netif_rx()")
/// Hands a received packet to the protocols at once.
KCTX_RULED_CALL(for_softirq, int, netif_receive_skb, (sk_buff * skb), (skb),
                "runs the protocols, which take spinlocks",
                "hand the packet over after the raw section", "net/core/dev.c netif_receive_skb()")
/// Ends polling.
KCTX_RULED_CALL(for_softirq, bool, napi_complete_done, (napi_struct * napi, int work_done),
                (napi, work_done), "hands over what GRO held back",
                "end the poll after the raw section", "net/core/dev.c napi_complete_done()")
/// Has the poll function called in a softirq.
KCTX_CALL(spins, void, napi_schedule, (napi_struct * napi), (napi),
          "raises a softirq with interrupts off", KCTX_DO_IN_IRQ_WORK,
          "net/core/dev.c __napi_schedule()")
KCTX_CALL(sleeps, void, napi_disable, (napi_struct * napi), (napi),
          "waits until the poll function has finished", KCTX_DO_AT_PROBE,
          "net/core/dev.c napi_disable()")
#if KCTX_KERNEL_VERSION < KCTX_VERSION(6, 13, 0)
KCTX_CALL(spins, void, napi_enable, (napi_struct * napi), (napi),
          "changes bits that an NMI may be changing", KCTX_DO_IN_IRQ_WORK,
          "net/core/dev.c napi_enable()")
#else
/// Takes a mutex in 6.18, not yet in 6.12.
KCTX_CALL(sleeps, void, napi_enable, (napi_struct * napi), (napi), "takes the mutex of the device",
          KCTX_DO_AT_PROBE, "net/core/dev.c napi_enable()")
#endif
KCTX_CALL(sleeps, void, napi_synchronize, (const napi_struct *napi), (napi),
          "sleeps until the poll function has finished", KCTX_DO_AT_PROBE,
          "include/linux/netdevice.h napi_synchronize()")

#define KCTX_SKB_FIX "GFP_ATOMIC (it can fail), or netdev_alloc_skb()"

/// A packet with room for @p size bytes.
KCTX_ALLOCATION(slab, sk_buff, alloc_skb, (unsigned int size), (), (size), (), KCTX_SKB_FIX,
                "net/core/skbuff.c __alloc_skb()")
/// A packet to receive into.
KCTX_MEMORY_CALL(locks, sk_buff, netdev_alloc_skb, (net_device * dev, unsigned int length),
                 (dev, length), "allocates with GFP_ATOMIC",
                 "allocate the packet before the raw section",
                 "net/core/skbuff.c __netdev_alloc_skb()")
/// The same in a poll function, from what its CPU keeps.
KCTX_MEMORY_CALL(for_softirq, sk_buff, napi_alloc_skb, (napi_struct * napi, unsigned int length),
                 (napi, length), "allocates with GFP_ATOMIC",
                 "allocate the packet before the raw section", "net/core/skbuff.c napi_alloc_skb()")
KCTX_REJECTED_BY_RULE(for_softirq, (result::napi_alloc_skb<C>), napi_alloc_skb,
                      (C, napi_struct *, unsigned int))
/// A copy with data of its own.
KCTX_ALLOCATION(slab, sk_buff, skb_copy, (const sk_buff *skb), (), (skb), (), KCTX_SKB_FIX,
                "net/core/skbuff.c skb_copy()")
/// A packet that shares the data.
KCTX_ALLOCATION(slab, sk_buff, skb_clone, (sk_buff * skb), (), (skb), (), KCTX_SKB_FIX,
                "net/core/skbuff.c skb_clone()")
/// More room before and after the data: 0 or -ENOMEM.
KCTX_GFP_CALL(int, pskb_expand_head, (sk_buff * skb, int head, int tail), (), (skb, head, tail), (),
              KCTX_SKB_FIX, "net/core/skbuff.c pskb_expand_head()")
/// Drops a packet.
KCTX_RULED_CALL(needs_irqs_on, void, kfree_skb, (sk_buff * skb), (skb), "gives the memory back",
                "dev_kfree_skb_any()", "include/linux/skbuff.h kfree_skb()")
/// Frees a packet that was used up.
KCTX_RULED_CALL(needs_irqs_on, void, consume_skb, (sk_buff * skb), (skb), "gives the memory back",
                "dev_consume_skb_any()", "include/linux/skbuff.h consume_skb()")
/// Drops a packet in any context.
KCTX_RULED_CALL(frees_skb, void, dev_kfree_skb_any, (sk_buff * skb), (skb), "gives the memory back",
                "free the packet after the section", "net/core/dev.c dev_kfree_skb_any_reason()")
/// Frees a packet that was used up in any context.
KCTX_RULED_CALL(frees_skb, void, dev_consume_skb_any, (sk_buff * skb), (skb),
                "gives the memory back", "free the packet after the section",
                "net/core/dev.c dev_kfree_skb_any_reason()")
/// Has a softirq drop a packet.
KCTX_CALL(spins, void, dev_kfree_skb_irq, (sk_buff * skb), (skb),
          "raises a softirq with interrupts off", KCTX_DO_IN_IRQ_WORK,
          "net/core/dev.c dev_kfree_skb_irq_reason()")
/// Sends a packet.
KCTX_RULED_CALL(needs_irqs_on, int, dev_queue_xmit, (sk_buff * skb), (skb),
                "takes the locks of the queue", KCTX_DO_LATER, "net/core/dev.c __dev_queue_xmit()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Lets packets come to be sent; legal in every context.
void netif_start_queue(net_device *dev) noexcept KCTX_EFFECT_spin;
/// Lets none come any more; legal in every context.
void netif_stop_queue(net_device *dev) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::netif_start_queue;
using env::netif_stop_queue;
KCTX_LEGAL_ANYWHERE(netif_start_queue, "clears a bit",
                    "include/linux/netdevice.h netif_tx_start_queue()")
KCTX_LEGAL_ANYWHERE(netif_stop_queue, "sets a bit",
                    "include/linux/netdevice.h netif_tx_stop_queue()")

/// Lets packets come again.
KCTX_CALL(spins, void, netif_wake_queue, (net_device * dev), (dev),
          "raises a softirq with interrupts off", KCTX_DO_IN_IRQ_WORK,
          "net/core/dev.c netif_tx_wake_queue()")
/// Stops all queues and waits for who is sending.
KCTX_RULED_CALL(needs_irqs_on, void, netif_tx_disable, (net_device * dev), (dev),
                "takes the locks of the queues", KCTX_DO_AT_PROBE,
                "include/linux/netdevice.h netif_tx_disable()")
/// The cable is plugged in.
KCTX_CALL(locks, void, netif_carrier_on, (net_device * dev), (dev), "takes lweventlist_lock",
          KCTX_DO_OUTSIDE_RAW, "net/core/link_watch.c linkwatch_fire_event()")
/// It is not.
KCTX_CALL(locks, void, netif_carrier_off, (net_device * dev), (dev), "takes lweventlist_lock",
          KCTX_DO_OUTSIDE_RAW, "net/core/link_watch.c linkwatch_fire_event()")
KCTX_CALL(sleeps, void, phy_start, (phy_device * phy), (phy), "takes the mutex of the PHY",
          KCTX_DO_LATER, "drivers/net/phy/phy.c phy_start()")
KCTX_CALL(sleeps, void, phy_stop, (phy_device * phy), (phy), "takes the mutex of the PHY",
          KCTX_DO_LATER, "drivers/net/phy/phy.c phy_stop()")
/// A register of the PHY, or -errno.
KCTX_CALL(sleeps, int, phy_read, (phy_device * phy, unsigned int reg), (phy, reg),
          "waits for the bus", KCTX_DO_LATER, "include/linux/phy.h phy_read()")
KCTX_CALL(sleeps, int, mdiobus_read, (mii_bus * bus, int address, unsigned int reg),
          (bus, address, reg), "waits for the bus", KCTX_DO_LATER,
          "drivers/net/phy/mdio_bus.c mdiobus_read()")

} // namespace kctx
