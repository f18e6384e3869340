// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-order
// EXPECT call: with
// EXPECT context: MutexLocked<port_lock, kctx::WorkCtx
// EXPECT fix: take this one first
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>

using namespace kctx;

struct card_lock : mutex, lock_order<10> {};
struct port_lock : mutex, lock_order<20> {};

void reset(WorkCtx ctx, card_lock &card, port_lock &port, int &resets)
{
#ifdef FIXED
    with<MutexLocked>(ctx, &card, [](auto, int &count) { count++; }, resets);
    (void)port;
#else
    KCTX_MUTEX_LOCK(ctx, port) {
        with<MutexLocked>(ctx, &card, [](auto, int &count) { count++; }, resets); // <-- error
    }
#endif
}
