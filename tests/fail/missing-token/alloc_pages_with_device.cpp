// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: missing-token
// EXPECT call: alloc_pages
// EXPECT context: none, a device is no token
// EXPECT fix: pass the token
// UNCHECKED: rejected
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct nic {
    page *buffer;
};

bool nic_open([[maybe_unused]] ProcessCtx ctx, nic *n)
{
#ifdef FIXED
    n->buffer = KCTX_TRY(alloc_pages(ctx, GFP_KERNEL, 2), return false);
#else
    n->buffer = KCTX_TRY(alloc_pages(n, GFP_KERNEL, 2), return false); // <-- error
#endif
    return true;
}
