// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: closure-carries-token
// EXPECT call: with
// EXPECT context: RawSpinLocked.*ThreadedIrqCtx
// EXPECT fix: a lambda without captures
// UNCHECKED: rejected
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>

using namespace kctx;

struct tx_lock : raw_spinlock_t {};

struct uart {
    tx_lock lock;
    int sent;
};

void send(ThreadedIrqCtx ctx, uart &port)
{
#ifdef FIXED
    with<RawSpinLocked>(ctx, &port.lock, [](auto, uart &u) { u.sent++; }, port);
#else
    const auto body = [ctx](auto, uart &u) {
        msleep(ctx, 1);
        u.sent++;
    };
    with<RawSpinLocked>(ctx, &port.lock, body, port); // <-- error
#endif
}
