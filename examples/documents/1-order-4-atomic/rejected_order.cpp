// SPDX-License-Identifier: BSL-1.0
// The result is checked, but 16 pages in a row are still asked for without waiting.
#define KCTX_KERNEL_VERSION KCTX_VERSION(5, 4, 0)
#include <kctx/api/kernel.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr size_t BUF_SIZE = 64 * 1024;

struct usb_req {
    u8 *pucBuf;
    size_t u4BufSize;
};

// size_c<> tells every compiler the size; clang also sees that of a constant expression.
int glSetHifInfo(WorkCtx ctx, usb_req *req)
{
    req->pucBuf =
        KCTX_TRY(kmalloc(ctx, size_c<BUF_SIZE>, GFP_ATOMIC), return -ENOMEM); // <-- rejected
    req->u4BufSize = BUF_SIZE;
    return 0;
}
