// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: vmap
// EXPECT context: IrqsSaved<kctx::ProcessCtx>
// EXPECT fix: GFP flags do not help
#include <kctx/api/kernel.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

int map_ring([[maybe_unused]] ProcessCtx ctx, page **pages, vmalloc_ptr<unsigned> &ring)
{
#ifdef FIXED
    ring = KCTX_TRY(vmap(ctx, pages, 16, 0), return -ENOMEM);
#else
    KCTX_LOCAL_IRQ_SAVE(ctx) {
        ring = KCTX_TRY(vmap(ctx, pages, 16, 0), return -ENOMEM); // <-- error
    }
#endif
    return 0;
}
