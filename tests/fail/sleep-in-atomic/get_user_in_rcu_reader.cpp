// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: get_user
// EXPECT context: RcuReader<kctx::SyscallCtx>
// EXPECT fix: copy before the atomic section
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

int set_level([[maybe_unused]] SyscallCtx ctx, int *level, user_ptr<const int> from)
{
#ifdef FIXED
    int wanted = 0;
    if (get_user(ctx, wanted, from) != 0)
        return -EFAULT;
    KCTX_RCU_READ_LOCK(ctx) {
        *level = wanted;
    }
    return 0;
#else
    KCTX_RCU_READ_LOCK(ctx) {
        return get_user(ctx, *level, from); // <-- error
    }
    return 0;
#endif
}
