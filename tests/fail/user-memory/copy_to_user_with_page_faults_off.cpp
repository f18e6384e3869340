// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: user-memory
// EXPECT call: copy_to_user
// EXPECT context: PageFaultsDisabled<kctx::SyscallCtx>
// EXPECT fix: in a SyscallCtx
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

long peek([[maybe_unused]] SyscallCtx ctx, user_ptr<void> to, const int *value)
{
#ifdef FIXED
    return copy_to_user(ctx, to, value, sizeof *value) == 0 ? 0 : -EFAULT;
#else
    KCTX_PAGEFAULT_DISABLE(ctx) {
        return copy_to_user(ctx, to, value, sizeof *value) == 0 ? 0 : -EFAULT; // <-- error
    }
    return 0;
#endif
}
