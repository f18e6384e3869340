// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: untyped-flags
// EXPECT call: idr_alloc
// EXPECT context: SpinLocked<kctx::spinlock_t, kctx::ProcessCtx>
// EXPECT fix: GFP_ATOMIC
// UNCHECKED: rejected
#include <kctx/api/idr.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

int new_number([[maybe_unused]] ProcessCtx ctx, spinlock_t *lock, idr *numbers, void *owner)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
#ifdef FIXED
        return idr_alloc(ctx, numbers, owner, 1, 0, GFP_NOWAIT);
#else
        return idr_alloc(ctx, numbers, owner, 1, 0, 0x800u); // <-- error
#endif
    }
    return -ENOMEM;
}
