// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: missing-token
// EXPECT call: mutex_lock
// EXPECT context: none, that is what is missing
// EXPECT fix: pass the token
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

void count([[maybe_unused]] WorkCtx ctx, mutex *lock, int &n)
{
#ifdef FIXED
    auto held = mutex_lock(ctx, lock);
    n++;
    mutex_unlock(held, lock);
#else
    mutex_lock(lock); // <-- error
    n++;
#endif
}
