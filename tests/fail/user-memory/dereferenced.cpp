// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: user-memory
// EXPECT call: operator\*
// EXPECT context: any context
// EXPECT fix: get_user
// UNCHECKED: rejected
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

int level([[maybe_unused]] SyscallCtx ctx, user_ptr<const int> from)
{
    int value = 0;
#ifdef FIXED
    if (get_user(ctx, value, from) != 0)
        return -EFAULT;
#else
    value = *from; // <-- error
#endif
    return value;
}
