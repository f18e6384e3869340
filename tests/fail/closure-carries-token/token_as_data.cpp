// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: closure-carries-token
// EXPECT call: with
// EXPECT context: RawSpinLocked.*ProcessCtx
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

void send(ProcessCtx ctx, uart &port)
{
#ifdef FIXED
    with<RawSpinLocked>(ctx, &port.lock, [](auto, uart &u) { u.sent++; }, port);
#else
    constexpr auto body = [](auto, uart &u, auto outer) { msleep(outer, u.sent); };
    with<RawSpinLocked>(ctx, &port.lock, body, port, ctx); // <-- error
#endif
}
