// SPDX-License-Identifier: BSL-1.0
// GFP_NOFS keeps reclaim out of the file systems, and may wait for all else.
// EXPECT slug: gfp-may-sleep
// EXPECT call: kmem_cache_alloc
// EXPECT context: RcuReader<kctx::ProcessCtx>.*GFP_NOFS
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

bool copy_entry([[maybe_unused]] ProcessCtx ctx, kmem_cache *cache, void **to)
{
    KCTX_RCU_READ_LOCK(ctx) {
#ifdef FIXED
        *to = KCTX_TRY(kmem_cache_alloc(ctx, cache, GFP_ATOMIC), return false);
#else
        *to = KCTX_TRY(kmem_cache_alloc(ctx, cache, GFP_NOFS), return false); // <-- error
#endif
    }
    return true;
}
