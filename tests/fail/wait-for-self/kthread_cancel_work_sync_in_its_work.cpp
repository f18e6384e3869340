// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: wait-for-self
// EXPECT call: kthread_cancel_work_sync
// EXPECT context: CallbackOf<pump_work, kctx::KthreadCtx>
// EXPECT fix: or wait outside
#include <kctx/api/kernel.hpp>
#include <kctx/api/kthread.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct pump_work : kthread_work {};
struct bus {
    kthread_worker *worker;
    pump_work pump;
};

void pump(CallbackOf<pump_work, KthreadCtx> ctx, kthread_work *work)
{
    bus *const b = container_of(work, bus, pump);
#ifdef FIXED
    kthread_queue_work(ctx, b->worker, &b->pump);
#else
    kthread_cancel_work_sync(ctx, &b->pump); // <-- error
#endif
}

void probe(bus &b) { kthread_init_work(&b.pump, handler<pump>); }
void remove(ProcessCtx ctx, bus &b) { kthread_cancel_work_sync(ctx, &b.pump); }
