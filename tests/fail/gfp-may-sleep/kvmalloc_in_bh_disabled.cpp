// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-may-sleep
// EXPECT call: kvmalloc
// EXPECT context: BhDisabled<kctx::ProcessCtx>.*GFP_KERNEL
// EXPECT fix: allocate before the atomic section
#include <kctx/api/kernel.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>

using namespace kctx;

int grow([[maybe_unused]] ProcessCtx ctx, vmalloc_ptr<int> &table, size_t entries)
{
#ifdef FIXED
    vmalloc_ptr<int> larger = KCTX_TRY(kvmalloc(ctx, entries * 4, GFP_KERNEL), return -ENOMEM);
#endif
    KCTX_LOCAL_BH_DISABLE(ctx) {
#ifdef FIXED
        table = larger;
#else
        table = KCTX_TRY(kvmalloc(ctx, entries * 4, GFP_KERNEL), return -ENOMEM); // <-- error
#endif
    }
    return 0;
}
