// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: discarded-result
// EXPECT call: copy_from_user
// EXPECT context: any context
// EXPECT fix: -EFAULT
// UNCHECKED: rejected
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

long write_settings(SyscallCtx ctx, int *settings, user_ptr<const void> from)
{
#ifdef FIXED
    if (copy_from_user(ctx, settings, from, sizeof *settings) != 0)
        return -EFAULT;
#else
    copy_from_user(ctx, settings, from, sizeof *settings); // <-- error
#endif
    return sizeof *settings;
}
