// SPDX-License-Identifier: BSL-1.0
// BUG: wireless, ath9k_htc: the beacon is sent behind a function pointer, and submits with GFP_KERNEL
// CONTEXT: spin_lock_bh
// CHAIN: ath9k_htc_send_beacon > htc_send > hif_usb_send > hif_usb_send_regout > usb_submit_urb
// SOURCE: Linux 4.19, https://lore.kernel.org/r/20191218114533.9268-1-baijiaju1990@gmail.com
// EXPECT slug: gfp-may-sleep
// EXPECT call: usb_submit_urb
// EXPECT context: SpinLockedBh<.*beacon_lock, .*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/usb.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

struct beacon_lock : spinlock_t {};
struct ath9k_htc_priv {
    beacon_lock lock;
    urb *beacon;
};

template <context C> int hif_usb_send_regout(C ctx, urb *u)
{
#ifdef FIXED
    return usb_submit_urb(ctx, u, GFP_ATOMIC);
#else
    return usb_submit_urb(ctx, u, GFP_KERNEL); // <-- error
#endif
}

// What stands in for the pointer: the operations as a type.
struct hif_usb {
    template <context C> static int send(C ctx, urb *u) { return hif_usb_send_regout(ctx, u); }
};
template <class Hif, context C> int htc_send(C ctx, urb *u) { return Hif::send(ctx, u); }

void ath9k_htc_send_beacon(ProcessCtx ctx, ath9k_htc_priv *priv)
{
    KCTX_SPIN_LOCK_BH(ctx, priv->lock) {
        if (htc_send<hif_usb>(ctx, priv->beacon) != 0)
            pr_err("ath9k_htc: no beacon\n");
    }
}
