// SPDX-License-Identifier: BSL-1.0
// The name says that it does not sleep, the other flag that it does.
// EXPECT slug: gfp-conflict
// EXPECT call: kmemdup
// EXPECT context: SpinLocked<kctx::spinlock_t, kctx::ProcessCtx>.*GFP_ATOMIC, .*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC only where it may not
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

bool snapshot([[maybe_unused]] ProcessCtx ctx, spinlock_t *lock, const int *from, int **to)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
#ifdef FIXED
        *to = KCTX_TRY(kmemdup(ctx, from, sizeof *from, GFP_ATOMIC), return false);
#else
        *to = KCTX_TRY(kmemdup(ctx, from, sizeof *from, GFP_ATOMIC | GFP_KERNEL), // <-- error
                       return false);
#endif
    }
    return true;
}
