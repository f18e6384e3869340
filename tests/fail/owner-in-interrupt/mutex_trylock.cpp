// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: owner-in-interrupt
// EXPECT call: mutex_trylock
// EXPECT context: SoftirqCtx
// EXPECT fix: spin_trylock
#ifdef FIXED
#define KCTX_PREEMPT_RT 0
#else
#define KCTX_PREEMPT_RT 1
#endif
#include <kctx/kctx.hpp>

void poll([[maybe_unused]] kctx::SoftirqCtx ctx, kctx::mutex *lock, int &rounds)
{
    KCTX_MUTEX_TRYLOCK(ctx, *lock) { // <-- error
        rounds++;
    }
}
