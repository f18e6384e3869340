// SPDX-License-Identifier: BSL-1.0
// An interrupt borrows some process, not the one that made the call.
// EXPECT slug: user-memory
// EXPECT call: copy_from_user
// EXPECT context: IrqCtx
// EXPECT fix: in a SyscallCtx
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
int next_byte(IrqCtx, const char *copied) { return *copied; }
#else
int next_byte(IrqCtx ctx, user_ptr<const char> from)
{
    char byte = 0;
    if (copy_from_user(ctx, &byte, from, 1) != 0) // <-- error
        return -EFAULT;
    return byte;
}
#endif
