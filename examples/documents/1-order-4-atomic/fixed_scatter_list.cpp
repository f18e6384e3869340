// SPDX-License-Identifier: BSL-1.0
// The buffer in single pages, which the memory of the log holds by the thousand: a device that
// works through a list needs no page to follow the other.
#define KCTX_KERNEL_VERSION KCTX_VERSION(5, 4, 0)
#include <kctx/api/dma.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr unsigned int PAGES = 16; // of 4 kB: the same 64 kB

struct usb_req {
    scatterlist list[PAGES];
    unsigned int entries;
};

static void free_list(WorkCtx ctx, usb_req *prUsbReq)
{
    while (prUsbReq->entries > 0)
        __free_page(ctx, prUsbReq->list[--prUsbReq->entries].memory);
}

int glSetHifInfo(WorkCtx ctx, usb_req *prUsbReq)
{
    sg_init_table(prUsbReq->list, PAGES);
    prUsbReq->entries = 0;
    while (prUsbReq->entries < PAGES) {
        page *p = KCTX_TRY(alloc_page(ctx, GFP_KERNEL), goto no_memory);
        sg_set_page(&prUsbReq->list[prUsbReq->entries++], p, 4096, 0);
    }
    return 0;

no_memory:
    free_list(ctx, prUsbReq);
    return -ENOMEM;
}
