// SPDX-License-Identifier: BSL-1.0
// The last run takes the item out of its queue.
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct poll_work : work_struct {};
poll_work poll;

void last(CallbackOf<poll_work, WorkCtx> ctx, work_struct *) { cancel_work(ctx, &poll); }

void probe() { INIT_WORK(&poll, handler<last>); }
