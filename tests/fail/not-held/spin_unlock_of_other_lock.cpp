// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: not-held
// EXPECT call: spin_(un)?lock
// EXPECT context: SpinLocked<rx_lock, kctx::TimerCtx>
// EXPECT fix: pass the token of the call that took it
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

struct rx_lock : kctx::spinlock_t {};
struct tx_lock : kctx::spinlock_t {};

struct port {
    rx_lock rx;
    tx_lock tx;
    int bytes;
};

void count(kctx::TimerCtx ctx, port *p)
{
    auto in = spin_lock(ctx, &p->rx);
    p->bytes++;
#ifdef FIXED
    spin_unlock(in, &p->rx);
#else
    spin_unlock(in, &p->tx); // <-- error
#endif
}
