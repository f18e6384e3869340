// SPDX-License-Identifier: BSL-1.0
// BUG: io_uring: a worker that goes to sleep allocates with GFP_ATOMIC in the scheduler
// CONTEXT: interrupts off, on PREEMPT_RT
// CHAIN: schedule > io_wq_worker_sleeping > io_wqe_dec_running > kmalloc
// SOURCE: d3e9f73, 5.14-rc4-rt4, https://github.com/xanmod/linux/commit/115540457feae9a215e5c16e434f71b80860038f
// EXPECT slug: alloc-in-raw-section
// EXPECT call: kmalloc
// EXPECT context: IrqsDisabled<kctx::KthreadCtx>
// EXPECT fix: pass the memory in
// FLAGS: -DKCTX_PREEMPT_RT=1
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

struct io_worker {
    void *create = nullptr; ///< allocated with the worker
    bool queued = false;
};

template <context C> void io_wqe_dec_running([[maybe_unused]] C ctx, io_worker *worker)
{
#ifndef FIXED
    worker->create = KCTX_TRY(kmalloc(ctx, 32, GFP_ATOMIC), return); // <-- error
#endif
    worker->queued = worker->create != nullptr;
}

void io_wq_worker_sleeping(KthreadCtx ctx, io_worker *worker)
{
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        io_wqe_dec_running(ctx, worker);
    }
}
