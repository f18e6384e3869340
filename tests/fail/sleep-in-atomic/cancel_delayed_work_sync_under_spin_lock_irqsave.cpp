// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: cancel_delayed_work_sync
// EXPECT context: SpinLockedIrqsave<trigger_lock, kctx::WorkCtx>
// EXPECT fix: cancel_delayed_work()
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct trigger_lock : spinlock_t {};

struct trigger {
    trigger_lock lock;
    delayed_work flush;
    int level;
};

void trigger_off([[maybe_unused]] WorkCtx ctx, trigger *t)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, t->lock) {
        t->level = 0;
#ifdef FIXED
        cancel_delayed_work(ctx, &t->flush);
#else
        cancel_delayed_work_sync(ctx, &t->flush); // <-- error
#endif
    }
}
