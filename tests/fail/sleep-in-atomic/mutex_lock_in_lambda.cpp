// SPDX-License-Identifier: BSL-1.0
// A lambda is handed the caller's context like any helper.
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock
// EXPECT context: RawSpinLockedIrqsave<bus_lock, kctx::WorkCtx>
// EXPECT fix: spin_lock_irqsave
#include <kctx/kctx.hpp>

using namespace kctx;

struct bus_lock : raw_spinlock_t {};

struct bus {
    bus_lock lock;
    mutex owner;
    int users;
};

void bus_release(WorkCtx ctx, bus *b)
{
    const auto put = [b](auto where) {
        auto owned = mutex_lock(where, &b->owner); // <-- error
        b->users--;
        mutex_unlock(owned, &b->owner);
    };
#ifdef FIXED
    put(ctx);
#else
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, b->lock) {
        put(ctx);
    }
#endif
}
