// SPDX-License-Identifier: BSL-1.0
// The old object stays where it is only if nothing was allocated.
// EXPECT slug: discarded-result
// EXPECT call: krealloc
// EXPECT context: any context
// EXPECT fix: KCTX_TRY
// UNCHECKED: rejected
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

bool grow(kctx::SoftirqCtx ctx, int *&table, unsigned n)
{
#ifdef FIXED
    table = KCTX_TRY(krealloc(ctx, table, n * sizeof(int), kctx::GFP_ATOMIC), return false);
#else
    krealloc(ctx, table, n * sizeof(int), kctx::GFP_ATOMIC); // <-- error
#endif
    return table != nullptr;
}
