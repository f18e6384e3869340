// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: alloc-in-raw-section
// EXPECT call: kmem_cache_zalloc
// EXPECT context: HrtimerCtx<.*hard>.*GFP_NOWAIT
// EXPECT fix: pass the memory in
// FLAGS: -DKCTX_PREEMPT_RT=1
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct sample {
    int value;
};

#ifdef FIXED
sample *take(HrtimerCtx<soft> ctx, kmem_cache *samples)
#else
sample *take(HrtimerCtx<hard> ctx, kmem_cache *samples)
#endif
{
    return KCTX_TRY(kmem_cache_zalloc(ctx, samples, GFP_NOWAIT), return nullptr); // <-- error
}
