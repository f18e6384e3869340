// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: unchecked-result
// EXPECT call: kmem_cache_create
// EXPECT context: any context
// EXPECT fix: KCTX_TRY
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static kmem_cache *requests;

int init(ProcessCtx ctx)
{
#ifdef FIXED
    requests = KCTX_TRY(kmem_cache_create(ctx, "requests", 64, 0, 0, nullptr), return -1);
#else
    requests = kmem_cache_create(ctx, "requests", 64, 0, 0, nullptr); // <-- error
#endif
    return requests != nullptr;
}
