// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: not-contiguous
// EXPECT call: vmalloc
// EXPECT context: any context
// EXPECT fix: vmalloc_ptr<T> to keep
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

int *table(WorkCtx ctx, vmalloc_ptr<int> &kept)
{
#ifdef FIXED
    kept = KCTX_TRY(vmalloc(ctx, 1 << 16), return nullptr);
    return kept.get();
#else
    int *entries = KCTX_TRY(vmalloc(ctx, 1 << 16), return nullptr); // <-- error
    kept = vmalloc_ptr<int>(entries);
    return entries;
#endif
}
