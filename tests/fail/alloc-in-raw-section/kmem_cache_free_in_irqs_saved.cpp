// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: alloc-in-raw-section
// EXPECT call: kmem_cache_free
// EXPECT context: IrqsSaved<kctx::SoftirqCtx>
// EXPECT fix: after the raw section
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

void put([[maybe_unused]] SoftirqCtx ctx, kmem_cache *cache, void *object, int &users)
{
    KCTX_LOCAL_IRQ_SAVE(ctx) {
        users--;
#ifndef FIXED
        kmem_cache_free(ctx, cache, object); // <-- error
#endif
    }
#ifdef FIXED
    kmem_cache_free(ctx, cache, object);
#endif
}
