// SPDX-License-Identifier: BSL-1.0
// A USB driver allocates 64 kB that must not wait, and uses them without a look at the result.
#define KCTX_KERNEL_VERSION KCTX_VERSION(5, 4, 0)
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static_assert(gfp_mask(GFP_ATOMIC) == 0xa20); // the mode in the log

constexpr size_t USB_TX_CMD_BUF_SIZE = 64 * 1024; // the log says order 4: above 32 kB, up to 64 kB

struct buf_ctrl {
    u8 *pucBuf;
    size_t u4BufSize;
};
struct usb_req {
    buf_ctrl *prBufCtrl;
};
struct wlan {
    work_struct hub_events;
    buf_ctrl command_buffer;
    usb_req command;
};

static void glSetHifInfo(WorkCtx ctx, usb_req *prUsbReq)
{
    prUsbReq->prBufCtrl->pucBuf = kmalloc(ctx, USB_TX_CMD_BUF_SIZE, GFP_ATOMIC); // <-- rejected
    prUsbReq->prBufCtrl->u4BufSize = USB_TX_CMD_BUF_SIZE;
    prUsbReq->prBufCtrl->u4BufSize -= prUsbReq->prBufCtrl->pucBuf[0]; // the Oops: a read at NULL
}

static void glRegisterBus(WorkCtx ctx, wlan *w)
{
    w->command.prBufCtrl = &w->command_buffer;
    glSetHifInfo(ctx, &w->command);
}

// The worker of the USB hub: a kworker, which is process context.
static void hub_event(WorkCtx ctx, work_struct *work)
{
    glRegisterBus(ctx, container_of(work, wlan, hub_events));
}

void hub_probe(wlan *w) { INIT_WORK(&w->hub_events, handler<hub_event>); }
