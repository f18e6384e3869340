// SPDX-License-Identifier: BSL-1.0
// A ring of samples. Reading the last one empties it, and there is a function for emptying.
#include <kctx/kctx.hpp>

using namespace kctx;

struct ring_lock : mutex {};

struct ring {
    ring_lock lock;
    int samples[8];
    unsigned used;
    unsigned cleared;
};

// [[solve]]
// For whoever holds the lock.
static void __ring_clear(ring *r)
{
    r->used = 0;
    r->cleared++;
}

// Empties the ring.
void ring_clear(context auto ctx, ring *r)
{
    KCTX_MUTEX_LOCK(ctx, r->lock) {
        __ring_clear(r);
    }
}
// [[stub]]
// Empties the ring.
void ring_clear(context auto ctx, ring *r)
{
    KCTX_MUTEX_LOCK(ctx, r->lock) { // TODO 1: who calls this, and what do they hold?
        r->used = 0;
        r->cleared++;
    }
}
// [[wrong unlocked]]
void ring_clear(context auto, ring *r)
{
    r->used = 0;
    r->cleared++;
}
// [[wrong trylock]]
void ring_clear(context auto ctx, ring *r)
{
    if (auto in = mutex_trylock(ctx, &r->lock)) {
        r->used = 0;
        r->cleared++;
        mutex_unlock(*in, &r->lock);
    }
}
// [[end]]

int ring_last(SyscallCtx ctx, ring *r)
{
    int last = -1;
    KCTX_MUTEX_LOCK(ctx, r->lock) {
        if (r->used != 0)
            last = r->samples[r->used - 1];
        // [[solve]]
        __ring_clear(r);
        // [[stub]]
        ring_clear(ctx, r);
        // [[wrong unlocked]]
        ring_clear(ctx, r);
        // [[wrong trylock]]
        ring_clear(ctx, r);
        // [[end]]
    }
    return last;
}
