// SPDX-License-Identifier: BSL-1.0
// kernel/kthread.c, kthread_stop(): waits until the thread has exited.
// EXPECT slug: wait-for-self
// EXPECT call: kthread_stop
// EXPECT context: CallbackOf<kctx::kthread_of<port>, kctx::KthreadCtx>
// EXPECT fix: or wait outside
#include <kctx/api/kthread.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct port {
    kthread_of<port> poller;
    bool broken = false;
};

int poll(CallbackOf<kthread_of<port>, KthreadCtx> ctx, void *data)
{
    auto *const p = static_cast<port *>(data);
    while (!kthread_should_stop()) {
        msleep(ctx, 10);
#ifndef FIXED
        if (p->broken)
            kthread_stop(ctx, p->poller); // <-- error
#endif
    }
    return p->broken ? -1 : 0;
}

void open(ProcessCtx ctx, port &p) { p.poller = kthread_run(ctx, handler<poll>, &p, "port"); }
void close(ProcessCtx ctx, port &p) { kthread_stop(ctx, p.poller); }
