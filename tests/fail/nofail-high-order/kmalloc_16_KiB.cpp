// SPDX-License-Identifier: BSL-1.0
// A file system's buffer in a work item: more than two pages come from the page allocator.
// EXPECT slug: nofail-high-order
// EXPECT call: kmalloc
// EXPECT context: MutexLocked<kctx::mutex, kctx::WorkCtx>
// EXPECT fix: kvmalloc
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

bool flush(WorkCtx ctx, mutex *lock, u8 **buffer)
{
    KCTX_MUTEX_LOCK(ctx, *lock) {
#ifdef FIXED
        *buffer = KCTX_TRY(kmalloc(ctx, size_c<8192>, GFP_NOFS | __GFP_NOFAIL), return false);
#else
        *buffer = KCTX_TRY(kmalloc(ctx, size_c<16384>, GFP_NOFS | __GFP_NOFAIL), // <-- error
                           return false);
#endif
    }
    return true;
}
