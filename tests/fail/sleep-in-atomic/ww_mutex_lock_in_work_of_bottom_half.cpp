// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: ww_mutex_lock
// EXPECT context: BhWorkCtx
// EXPECT fix: work item
#include <kctx/kctx.hpp>
#include <kctx/lock/ww_mutex.hpp>

using namespace kctx;

#ifdef FIXED
void reserve([[maybe_unused]] WorkCtx ctx, ww_mutex *buffer, ww_acquire_ctx *acquire, int &users)
#else
void reserve([[maybe_unused]] BhWorkCtx ctx, ww_mutex *buffer, ww_acquire_ctx *acquire, int &users)
#endif
{
    KCTX_WW_MUTEX_LOCK(ctx, *buffer, acquire) { // <-- error
        users++;
    }
}
