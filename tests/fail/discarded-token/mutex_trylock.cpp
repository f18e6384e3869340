// SPDX-License-Identifier: BSL-1.0
// Whether it was taken is what the token says.
// EXPECT slug: discarded-token
// EXPECT call: mutex_trylock
// EXPECT context: none, the section is left open whatever is around it
// EXPECT fix: auto in = mutex_trylock
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

void reset([[maybe_unused]] kctx::WorkCtx ctx, kctx::mutex *lock, int &n)
{
#ifdef FIXED
    KCTX_MUTEX_TRYLOCK(ctx, *lock) {
        n = 0;
    }
#else
    mutex_trylock(ctx, lock); // <-- error
    n = 0;
#endif
}
