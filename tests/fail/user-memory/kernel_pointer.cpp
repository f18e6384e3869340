// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: user-memory
// EXPECT call: user_ptr
// EXPECT context: any context
// EXPECT fix: declare what the process gave as user_ptr
// UNCHECKED: rejected
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
long read_level(SyscallCtx ctx, const int *level, user_ptr<int> to)
#else
long read_level(SyscallCtx ctx, const int *level, int *to)
#endif
{
    if (copy_to_user(ctx, to, level, sizeof *level) != 0) // <-- error
        return -EFAULT;
    return 0;
}
