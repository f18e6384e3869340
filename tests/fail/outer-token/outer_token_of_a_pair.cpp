// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: outer-token
// EXPECT call: kmalloc
// EXPECT context: none, clang names the capability of the section, not its type
// EXPECT fix: leave the section first
// COMPILERS: clang++-*
// FLAGS: -Wthread-safety -Werror=thread-safety
#include <kctx/kctx.hpp>

using namespace kctx;

bool fill(ProcessCtx ctx, raw_spinlock_t *lock, int **slot)
{
    auto held = raw_spin_lock(ctx, lock);
#ifdef FIXED
    raw_spin_unlock(held, lock);
    *slot = KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_KERNEL), return false);
#else
    auto fresh = kmalloc(ctx, sizeof(int), GFP_KERNEL); // <-- error
    raw_spin_unlock(held, lock);
    *slot = KCTX_TRY(fresh, return false);
#endif
    return true;
}
