// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: wait-for-self
// EXPECT call: cancel_work_sync
// EXPECT context: CallbackOf<reset_work, kctx::WorkCtx>
// EXPECT fix: cancel_work()
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct reset_work : work_struct {};
struct poll_work : work_struct {};
struct card {
    reset_work reset;
    poll_work poll;
};

void reset(CallbackOf<reset_work, WorkCtx> ctx, work_struct *work)
{
    card *const c = container_of(work, card, reset);
    cancel_work_sync(ctx, &c->poll);
#ifdef FIXED
    cancel_work(ctx, &c->reset);
#else
    cancel_work_sync(ctx, &c->reset); // <-- error
#endif
}

void probe(card &c) { INIT_WORK(&c.reset, handler<reset>); }
