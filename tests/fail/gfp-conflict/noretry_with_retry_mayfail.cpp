// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-conflict
// EXPECT call: kcalloc
// EXPECT context: MutexLocked<kctx::mutex, kctx::ProcessCtx>.*__GFP_RETRY_MAYFAIL, .*__GFP_NORETRY
// EXPECT fix: one of NORETRY
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

bool resize([[maybe_unused]] ProcessCtx ctx, mutex *lock, int **buckets, size_t n)
{
    KCTX_MUTEX_LOCK(ctx, *lock) {
#ifdef FIXED
        *buckets = KCTX_TRY(kcalloc(ctx, n, 4, GFP_USER | __GFP_NORETRY), return false);
#else
        *buckets = KCTX_TRY(
            kcalloc(ctx, n, 4, GFP_USER | __GFP_RETRY_MAYFAIL | __GFP_NORETRY), // <-- error
            return false);
#endif
    }
    return true;
}
