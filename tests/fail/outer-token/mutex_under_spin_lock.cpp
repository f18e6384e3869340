// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: outer-token
// EXPECT call: mutex_lock
// EXPECT context: none, clang names the capability of the section, not its type
// EXPECT fix: name the section's own token
// COMPILERS: clang++-*
// FLAGS: -Wthread-safety -Werror=thread-safety
#include <kctx/kctx.hpp>

using namespace kctx;

void move(KthreadCtx ctx, spinlock_t *queue, mutex *config, int &n)
{
#ifdef FIXED
    auto configured = mutex_lock(ctx, config);
    auto queued = spin_lock(configured, queue);
    n++;
    configured = spin_unlock(queued, queue);
    mutex_unlock(configured, config);
#else
    auto queued = spin_lock(ctx, queue);
    auto configured = mutex_lock(ctx, config); // <-- error
    n++;
    mutex_unlock(configured, config);
    spin_unlock(queued, queue);
#endif
}
