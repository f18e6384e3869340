// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: not-held
// EXPECT call: raw_spin_(un)?lock
// EXPECT context: IrqCtx
// EXPECT fix: pass the token of the call that took it
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

void count(kctx::IrqCtx ctx, kctx::raw_spinlock_t *lock, int &n)
{
#ifdef FIXED
    auto in = raw_spin_lock(ctx, lock);
    n++;
    raw_spin_unlock(in, lock);
#else
    n++;
    raw_spin_unlock(ctx, lock); // <-- error
#endif
}
