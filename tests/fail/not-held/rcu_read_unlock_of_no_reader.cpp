// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: not-held
// EXPECT call: rcu_read_(un)?lock
// EXPECT context: SyscallCtx
// EXPECT fix: pass the token of the call that took it
// UNCHECKED: rejected
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

int first(kctx::SyscallCtx ctx, const int *list)
{
    auto in = rcu_read_lock(ctx);
    const int value = *list;
#ifdef FIXED
    rcu_read_unlock(in);
#else
    static_cast<void>(in);
    rcu_read_unlock(ctx); // <-- error
#endif
    return value;
}
