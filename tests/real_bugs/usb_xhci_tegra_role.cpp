// SPDX-License-Identifier: BSL-1.0
// BUG: usb, xhci-tegra: a function of an atomic notifier chain prints into memory of GFP_KERNEL
// CONTEXT: rcu_read_lock, an atomic notifier chain
// CHAIN: tegra_xusb_usb_phy_work > atomic_notifier_call_chain > tegra_xhci_id_notify > tegra_xusb_padctl_get_usb3_companion > kasprintf
// SOURCE: Fixes f836e7843036, https://lore.kernel.org/r/20230327095548.1599470-1-haotienh@nvidia.com
// EXPECT slug: gfp-may-sleep
// EXPECT call: kstrdup
// EXPECT context: RcuReader<kctx::WorkCtx>.*GFP_KERNEL
// EXPECT fix: in a work item
#include <kctx/api/kernel.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct tegra_xusb {
    work_struct phy_work;
    work_struct id_work;
    char *port = nullptr;
};

template <context C> void get_usb3_companion(C ctx, tegra_xusb *tegra)
{
    tegra->port = KCTX_TRY(kstrdup(ctx, "usb2-0", GFP_KERNEL), return); // <-- error
}

void tegra_xhci_id_work(WorkCtx ctx, work_struct *work)
{
    get_usb3_companion(ctx, container_of(work, tegra_xusb, id_work));
}

template <context C> void tegra_xhci_id_notify(RcuReader<C> ctx, tegra_xusb *tegra)
{
#ifdef FIXED
    schedule_work(ctx, &tegra->id_work);
#else
    get_usb3_companion(ctx, tegra);
#endif
}

void tegra_xusb_usb_phy_work(WorkCtx ctx, work_struct *work)
{
    tegra_xusb *tegra = container_of(work, tegra_xusb, phy_work);
    KCTX_RCU_READ_LOCK(ctx) { // what atomic_notifier_call_chain() does around its functions
        tegra_xhci_id_notify(ctx, tegra);
    }
}

void probe(tegra_xusb *tegra)
{
    INIT_WORK(&tegra->phy_work, handler<tegra_xusb_usb_phy_work>);
    INIT_WORK(&tegra->id_work, handler<tegra_xhci_id_work>);
}
