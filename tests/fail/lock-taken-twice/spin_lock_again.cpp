// SPDX-License-Identifier: BSL-1.0
// The lock that a helper takes is held by its caller: the helper asks for it instead.
// EXPECT slug: lock-taken-twice
// EXPECT call: spin_lock
// EXPECT context: SpinLocked<tx_lock, kctx::IrqCtx>
// EXPECT fix: give it back first
#include <kctx/kctx.hpp>

using namespace kctx;

struct tx_lock : spinlock_t {};
struct port {
    tx_lock lock;
    int queued = 0;
};

#ifdef FIXED
void count(SpinLocked<tx_lock, IrqCtx>, port &p) { p.queued++; }
#else
void count(SpinLocked<tx_lock, IrqCtx> ctx, port &p)
{
    KCTX_SPIN_LOCK(ctx, p.lock) { // <-- error
        p.queued++;
    }
}
#endif

void transmit(IrqCtx ctx, port &p)
{
    KCTX_SPIN_LOCK(ctx, p.lock) {
        count(ctx, p);
    }
}
