// SPDX-License-Identifier: BSL-1.0
// A signal that is not fatal does not end the wait for oneself.
// EXPECT slug: lock-taken-twice
// EXPECT call: mutex_lock_interruptible
// EXPECT context: MutexLocked<config_lock, kctx::WorkCtx>
// EXPECT fix: give it back first
#include <kctx/kctx.hpp>

using namespace kctx;

struct config_lock : mutex {};

bool apply(WorkCtx ctx, config_lock *lock, int &value)
{
    KCTX_MUTEX_TRYLOCK(ctx, *lock) {
        value = 1;
#ifndef FIXED
        KCTX_MUTEX_LOCK_INTERRUPTIBLE(ctx, *lock) { // <-- error
            value = 2;
        }
#endif
        return true;
    }
    return false;
}
