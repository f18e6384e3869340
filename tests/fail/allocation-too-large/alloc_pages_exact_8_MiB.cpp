// SPDX-License-Identifier: BSL-1.0
// Exact to the page, but cut out of one block of the buddy lists.
// EXPECT slug: allocation-too-large
// EXPECT call: alloc_pages_exact
// EXPECT context: ProcessCtx
// EXPECT fix: vmalloc
#include <kctx/api/page.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

bool open_ring(ProcessCtx ctx, [[maybe_unused]] void **ring,
               [[maybe_unused]] vmalloc_ptr<void> *scattered)
{
#ifdef FIXED
    *scattered = KCTX_TRY(vmalloc(ctx, size_c<8 << 20>), return false);
#else
    *ring =
        KCTX_TRY(alloc_pages_exact(ctx, size_c<8 << 20>, GFP_KERNEL), return false); // <-- error
#endif
    return true;
}
