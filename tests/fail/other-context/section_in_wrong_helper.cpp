// SPDX-License-Identifier: BSL-1.0
// A helper to be called with the lock held takes the lock's token.
// EXPECT text: 'kctx::TaskletCtx'|no matching function for call to 'drain
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

struct ring_lock : spinlock_t {};

struct ring {
    ring_lock lock;
    int used;
};

template <context C> static void drain(SpinLocked<ring_lock, C>, ring *r) { r->used = 0; }

void serve([[maybe_unused]] TaskletCtx ctx, ring *r)
{
#ifdef FIXED
    KCTX_SPIN_LOCK(ctx, r->lock) {
        drain(ctx, r);
    }
#else
    drain(ctx, r); // <-- error
#endif
}
