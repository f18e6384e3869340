// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: closure-carries-token
// EXPECT call: with
// EXPECT context: RawSpinLocked<tx_lock, .*ProcessCtx>|RawSpinLocked, .*ProcessCtx
// EXPECT fix: a lambda without captures
// COMPILERS: all
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>
using namespace kctx;

struct tx_lock : raw_spinlock_t {};
struct uart {
    tx_lock lock;
    int sent = 0;
};

void send(ProcessCtx ctx, uart &port)
{
#ifdef FIXED
    with<RawSpinLocked>(ctx, &port.lock, [](auto, uart &u) { u.sent++; }, port);
#else
    with<RawSpinLocked>(
        ctx, &port.lock,
        [ctx](auto, uart &u) {
            msleep(ctx, 1);
            u.sent++;
        },
        port); // <-- error
#endif
}
