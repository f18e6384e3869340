// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: outer-token
// EXPECT call: section|mutex_lock
// EXPECT context: none, clang names the capability of the section, not its type
// EXPECT fix: leave the section first
// COMPILERS: clang++-*
// FLAGS: -Wthread-safety -Werror=thread-safety
#include <kctx/kctx.hpp>

using namespace kctx;

void move(WorkCtx ctx, spinlock_t *queue, mutex *config, int &n)
{
    WorkCtx outside = ctx;
#ifdef FIXED
    KCTX_MUTEX_LOCK(outside, *config) {
        KCTX_SPIN_LOCK(outside, *queue) {
            n++;
        }
    }
#else
    KCTX_SPIN_LOCK(ctx, *queue) {
        KCTX_MUTEX_LOCK(outside, *config) { // <-- error
            n++;
        }
    }
#endif
}
