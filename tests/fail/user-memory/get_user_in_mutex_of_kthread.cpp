// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: user-memory
// EXPECT call: get_user
// EXPECT context: MutexLocked<config_lock, kctx::KthreadCtx>
// EXPECT fix: in a SyscallCtx
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct config_lock : mutex {};

#ifdef FIXED
int configure([[maybe_unused]] SyscallCtx ctx, config_lock *lock, user_ptr<const int> from, int &n)
#else
int configure([[maybe_unused]] KthreadCtx ctx, config_lock *lock, user_ptr<const int> from, int &n)
#endif
{
    KCTX_MUTEX_LOCK(ctx, *lock) {
        return get_user(ctx, n, from); // <-- error
    }
    return 0;
}
