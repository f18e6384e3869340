// SPDX-License-Identifier: BSL-1.0
// The innermost section decides no more than those around it.
// EXPECT slug: alloc-in-raw-section
// EXPECT call: kmem_cache_free
// EXPECT context: RcuReader<kctx::RawSpinLocked<slot_lock, kctx::SoftirqCtx
// EXPECT fix: after the raw section
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct slot_lock : raw_spinlock_t {};

void evict([[maybe_unused]] SoftirqCtx ctx, slot_lock *lock, kmem_cache *cache, int **slot)
{
    int *old = *slot;
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
        KCTX_RCU_READ_LOCK(ctx) {
            *slot = nullptr;
#ifndef FIXED
            kmem_cache_free(ctx, cache, old); // <-- error
#endif
        }
    }
#ifdef FIXED
    kmem_cache_free(ctx, cache, old);
#endif
}
