// SPDX-License-Identifier: BSL-1.0
// The thread of the line waits for the mutex, and its owner for the thread.
// EXPECT slug: wait-for-self
// EXPECT call: free_irq
// EXPECT context: MutexLocked<state_lock, kctx::ProcessCtx>
// EXPECT fix: or wait outside
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct card;
struct state_lock : mutex, used_in<CallbackOf<irq_of<card>, ThreadedIrqCtx>> {};
struct card {
    irq_of<card> irq;
    state_lock lock;
    bool open = false;
};

void close(ProcessCtx ctx, card &c)
{
    KCTX_MUTEX_LOCK(ctx, c.lock) {
        c.open = false;
#ifndef FIXED
        free_irq(ctx, c.irq, &c); // <-- error
#endif
    }
    free_irq(ctx, c.irq, &c);
}
