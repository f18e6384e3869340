// SPDX-License-Identifier: BSL-1.0
// It waits for an element to come back.
// EXPECT slug: gfp-may-sleep
// EXPECT call: mempool_alloc
// EXPECT context: NapiCtx.*GFP_NOIO
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/mempool.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

void *next_request(NapiCtx ctx, mempool_t *pool)
{
#ifdef FIXED
    return KCTX_TRY(mempool_alloc(ctx, pool, GFP_ATOMIC), return nullptr);
#else
    return KCTX_TRY(mempool_alloc(ctx, pool, GFP_NOIO), return nullptr); // <-- error
#endif
}
