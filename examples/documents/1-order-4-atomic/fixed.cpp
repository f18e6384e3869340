// SPDX-License-Identifier: BSL-1.0
// The buffer is allocated at start-up and kept, and whatever is allocated is checked. The worker of
// the USB hub may wait for memory, so that it may also ask for it when the device comes.
#define KCTX_KERNEL_VERSION KCTX_VERSION(5, 4, 0)
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static_assert(gfp_mask(GFP_KERNEL) == 0xcc0);

constexpr size_t USB_TX_CMD_BUF_SIZE = 64 * 1024;

struct buf_ctrl {
    u8 *pucBuf;
    size_t u4BufSize;
};
struct usb_req {
    buf_ctrl *prBufCtrl;
};
struct wlan {
    work_struct hub_events;
    u8 *kept; // between two devices
    buf_ctrl command_buffer;
    usb_req command;
};

static int glSetHifInfo(WorkCtx ctx, wlan *w, usb_req *prUsbReq)
{
    u8 *buffer = w->kept;
    if (!buffer)
        buffer = KCTX_TRY(kmalloc(ctx, USB_TX_CMD_BUF_SIZE, GFP_KERNEL), return -ENOMEM);
    w->kept = nullptr;
    prUsbReq->prBufCtrl->pucBuf = buffer;
    prUsbReq->prBufCtrl->u4BufSize = USB_TX_CMD_BUF_SIZE;
    prUsbReq->prBufCtrl->pucBuf[0] = 0;
    return 0;
}

static int glRegisterBus(WorkCtx ctx, wlan *w)
{
    w->command.prBufCtrl = &w->command_buffer;
    return glSetHifInfo(ctx, w, &w->command);
}

static void hub_event(WorkCtx ctx, work_struct *work)
{
    wlan *w = container_of(work, wlan, hub_events);
    if (glRegisterBus(ctx, w) != 0)
        pr_err("wlan: no memory for commands, the device stays unused\n");
}

// The device was pulled out: its buffer stays for the next one.
void glUnregisterBus(WorkCtx, wlan *w)
{
    w->kept = w->command_buffer.pucBuf;
    w->command_buffer = {};
}

// At start-up memory is not in pieces yet.
int wlan_init(ProcessCtx ctx, wlan *w)
{
    w->kept = KCTX_TRY(kmalloc(ctx, USB_TX_CMD_BUF_SIZE, GFP_KERNEL), return -ENOMEM);
    INIT_WORK(&w->hub_events, handler<hub_event>);
    return 0;
}
