// SPDX-License-Identifier: BSL-1.0
// The pair form.
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock
// EXPECT context: SpinLocked<queue_lock, kctx::KthreadCtx>
// EXPECT fix: work item
#include <kctx/kctx.hpp>

using namespace kctx;

struct queue_lock : spinlock_t {};

struct card {
    queue_lock queue;
    mutex config;
    int pending;
};

void card_requeue(KthreadCtx ctx, card *c)
{
#ifdef FIXED
    auto configured = mutex_lock(ctx, &c->config);
    auto queued = spin_lock(configured, &c->queue);
    c->pending++;
    configured = spin_unlock(queued, &c->queue);
    mutex_unlock(configured, &c->config);
#else
    auto queued = spin_lock(ctx, &c->queue);
    auto configured = mutex_lock(queued, &c->config); // <-- error
    c->pending++;
    queued = mutex_unlock(configured, &c->config);
    spin_unlock(queued, &c->queue);
#endif
}
