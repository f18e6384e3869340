// SPDX-License-Identifier: BSL-1.0
// A USB network adapter is plugged in after three hours, and the machine restarts.
#include <kctx/api/kernel.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr size_t USB_TX_CMD_BUF_SIZE = 64 * 1024;

struct wlan {
    work_struct hub_events;
    u8 *command; // 64 kB, for the device
    int error;   // of the last time that the device was set up
};

// 0 or -ENOMEM.
static int set_hif_info(WorkCtx ctx, wlan *w)
{
    // [[solve]]
    w->command = KCTX_TRY(kmalloc(ctx, USB_TX_CMD_BUF_SIZE, GFP_KERNEL), return -ENOMEM);
    // [[stub]]
    w->command = kmalloc(ctx, size_c<USB_TX_CMD_BUF_SIZE>, GFP_ATOMIC); // TODO 1
    // [[wrong only-checked]]
    w->command = KCTX_TRY(kmalloc(ctx, size_c<USB_TX_CMD_BUF_SIZE>, GFP_ATOMIC), return -ENOMEM);
    // [[wrong says-fine]]
    w->command = KCTX_TRY(kmalloc(ctx, USB_TX_CMD_BUF_SIZE, GFP_KERNEL), return 0);
    // [[wrong never-fails]]
    w->command = KCTX_TRY(kmalloc(ctx, size_c<USB_TX_CMD_BUF_SIZE>, GFP_KERNEL | __GFP_NOFAIL), return -ENOMEM);
    // [[end]]
    w->command[0] = 0; // the Oops: there is nothing at NULL
    return 0;
}

void hub_event(WorkCtx ctx, work_struct *work)
{
    wlan *w = container_of(work, wlan, hub_events);
    w->error = set_hif_info(ctx, w);
}
