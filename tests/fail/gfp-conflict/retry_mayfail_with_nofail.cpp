// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-conflict
// EXPECT call: kvmalloc_array
// EXPECT context: ProcessCtx.*__GFP_NOFAIL, .*__GFP_RETRY_MAYFAIL
// EXPECT fix: one of NORETRY
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

vmalloc_ptr<int> table(ProcessCtx ctx, size_t n)
{
#ifdef FIXED
    return KCTX_TRY(kvmalloc_array(ctx, n, 4, GFP_NOFS | __GFP_RETRY_MAYFAIL), return nullptr);
#else
    return KCTX_TRY(
        kvmalloc_array(ctx, n, 4, GFP_NOFS | __GFP_NOFAIL | __GFP_RETRY_MAYFAIL), // <-- error
        return nullptr);
#endif
}
