// SPDX-License-Identifier: BSL-1.0
// BUG: usb, chipidea: the device is resumed, which is waited for, under its spinlock
// CONTEXT: spin_lock_irqsave, in a work item
// CHAIN: ci_otg_work > usb_gadget_vbus_connect > ci_udc_pullup > pm_runtime_get_sync
// SOURCE: Fixes 72dc8df7920f, https://lore.kernel.org/r/20200316031034.17847-2-peter.chen@kernel.org
// EXPECT slug: sleep-in-atomic
// EXPECT call: pm_runtime_get_sync
// EXPECT context: SpinLockedIrqsave<.*ci_lock, kctx::WorkCtx>
// EXPECT fix: pm_runtime_get()
#include <kctx/api/kernel.hpp>
#include <kctx/api/pm.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct ci_lock : spinlock_t {};
struct ci_hdrc {
    ci_lock lock;
    work_struct otg;
    device *dev;
    bool connected = false;
};

template <context C> void ci_udc_pullup(C ctx, ci_hdrc *ci)
{
#ifdef FIXED
    pm_runtime_get_sync(ctx, ci->dev);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, ci->lock) {
        ci->connected = true;
    }
    pm_runtime_put_sync(ctx, ci->dev);
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, ci->lock) {
        pm_runtime_get_sync(ctx, ci->dev); // <-- error
        ci->connected = true;
        pm_runtime_put_sync(ctx, ci->dev);
    }
#endif
}

void ci_otg_work(WorkCtx ctx, work_struct *work)
{
    ci_udc_pullup(ctx, container_of(work, ci_hdrc, otg));
}

void init(ci_hdrc *ci) { INIT_WORK(&ci->otg, handler<ci_otg_work>); }
