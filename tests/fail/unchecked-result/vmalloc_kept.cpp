// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: unchecked-result
// EXPECT call: vmalloc
// EXPECT context: any context
// EXPECT fix: KCTX_TRY
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

vmalloc_ptr<int> table(SyscallCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(vmalloc(ctx, 1 << 20), return nullptr);
#else
    return vmalloc(ctx, 1 << 20); // <-- error
#endif
}
