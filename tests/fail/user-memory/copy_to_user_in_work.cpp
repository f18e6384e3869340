// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: user-memory
// EXPECT call: copy_to_user
// EXPECT context: WorkCtx
// EXPECT fix: in a SyscallCtx
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
long answer(SyscallCtx ctx, user_ptr<void> to)
#else
long answer(WorkCtx ctx, user_ptr<void> to)
#endif
{
    const int value = 42;
    return copy_to_user(ctx, to, &value, sizeof value) == 0 ? 0 : -EFAULT; // <-- error
}
