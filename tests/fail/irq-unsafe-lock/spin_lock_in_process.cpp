// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irq-unsafe-lock
// EXPECT call: spin_lock
// EXPECT context: kctx::ProcessCtx
// EXPECT fix: _irqsave() form
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct rx_lock : spinlock_t, used_in<IrqCtx> {};
struct card {
    rx_lock lock;
    int received = 0;
};

void receive(IrqCtx ctx, card &c)
{
    KCTX_SPIN_LOCK(ctx, c.lock) {
        c.received++;
    }
}

int read_count(ProcessCtx ctx, card &c)
{
#ifdef FIXED
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c.lock) {
#else
    KCTX_SPIN_LOCK(ctx, c.lock) { // <-- error
#endif
        return c.received;
    }
    return 0;
}
