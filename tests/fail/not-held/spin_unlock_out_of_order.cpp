// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: not-held
// EXPECT call: spin_(un)?lock
// EXPECT context: SpinLocked<item_lock, kctx::SpinLocked<list_lock, kctx::ProcessCtx>
// EXPECT fix: <kctx/lock/out_of_order.hpp>
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

struct list_lock : kctx::spinlock_t {};
struct item_lock : kctx::spinlock_t {};

void touch(kctx::ProcessCtx ctx, list_lock *list, item_lock *item, int &n)
{
    auto outer = spin_lock(ctx, list);
    auto inner = spin_lock(outer, item);
    n++;
#ifdef FIXED
    outer = spin_unlock(inner, item);
    spin_unlock(outer, list);
#else
    spin_unlock(inner, list); // <-- error
#endif
}
