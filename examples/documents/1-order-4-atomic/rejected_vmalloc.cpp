// SPDX-License-Identifier: BSL-1.0
// The tempting wrong answer to memory in pieces: vmalloc() finds 64 kB, but not for DMA.
#define KCTX_KERNEL_VERSION KCTX_VERSION(5, 4, 0)
#include <kctx/api/kernel.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr size_t USB_TX_CMD_BUF_SIZE = 64 * 1024;

struct usb_req {
    u8 *pucBuf; // usb_fill_bulk_urb() gives it to the host controller, which reaches it by DMA
    size_t u4BufSize;
};

int glSetHifInfo(WorkCtx ctx, usb_req *prUsbReq)
{
    prUsbReq->pucBuf = KCTX_TRY(vmalloc(ctx, USB_TX_CMD_BUF_SIZE), return -ENOMEM); // <-- rejected
    prUsbReq->u4BufSize = USB_TX_CMD_BUF_SIZE;
    return 0;
}
