// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: missing-token
// EXPECT call: spin_lock
// EXPECT context: none, that is what is missing
// EXPECT fix: pass the token
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

struct channel {
    spinlock_t lock;
    int users;
};

void channel_put([[maybe_unused]] TaskletCtx ctx, channel *c)
{
#ifdef FIXED
    KCTX_SPIN_LOCK(ctx, c->lock) {
        c->users--;
    }
#else
    spin_lock(&c->lock); // <-- error
    c->users--;
#endif
}
