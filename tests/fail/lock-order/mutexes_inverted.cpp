// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-order
// EXPECT call: mutex_lock
// EXPECT context: MutexLocked<port_lock, kctx::WorkCtx>
// EXPECT fix: take this one first
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct card_lock : mutex, lock_order<10> {};
struct port_lock : mutex, lock_order<20> {};

void reset([[maybe_unused]] WorkCtx ctx, card_lock &card, port_lock &port, int &resets)
{
#ifdef FIXED
    KCTX_MUTEX_LOCK(ctx, card) {
        KCTX_MUTEX_LOCK(ctx, port) {
            resets++;
        }
    }
#else
    KCTX_MUTEX_LOCK(ctx, port) {
        KCTX_MUTEX_LOCK(ctx, card) { // <-- error
            resets++;
        }
    }
#endif
}
