// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: synchronize_irq
// EXPECT context: RawSpinLockedIrq<state_lock, kctx::ProcessCtx>
// EXPECT fix: wait in process context
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

struct state_lock : raw_spinlock_t {};

void stop([[maybe_unused]] ProcessCtx ctx, state_lock *lock, bool &running)
{
    KCTX_RAW_SPIN_LOCK_IRQ(ctx, *lock) {
        running = false;
#ifndef FIXED
        synchronize_irq(ctx, 12); // <-- error
#endif
    }
#ifdef FIXED
    synchronize_irq(ctx, 12);
#endif
}
