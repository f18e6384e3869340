// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: gfp-may-sleep
// EXPECT call: kzalloc
// EXPECT context: SpinLocked<peer_lock, kctx::SyscallCtx>.*GFP_KERNEL
// EXPECT fix: allocate before the atomic section
#include <kctx/kctx.hpp>

using namespace kctx;

struct peer_lock : spinlock_t {};

struct peer {
    peer *next;
};

struct peers {
    peer_lock lock;
    peer *first;
};

bool add_peer([[maybe_unused]] SyscallCtx ctx, peers *all)
{
#ifdef FIXED
    peer *p = KCTX_TRY(kzalloc(ctx, sizeof(peer), GFP_KERNEL), return false);
#endif
    KCTX_SPIN_LOCK(ctx, all->lock) {
#ifndef FIXED
        peer *p = KCTX_TRY(kzalloc(ctx, sizeof(peer), GFP_KERNEL), return false); // <-- error
#endif
        p->next = all->first;
        all->first = p;
    }
    return true;
}
