// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: add_wait_queue
// EXPECT context: RcuReader<kctx::PreemptDisabled<kctx::ProcessCtx>
// EXPECT fix: outside raw sections
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

void join([[maybe_unused]] ProcessCtx ctx, wait_queue_head_t *queue, wait_queue_entry *self)
{
#ifdef FIXED
    KCTX_RCU_READ_LOCK(ctx) {
        add_wait_queue(ctx, queue, self);
    }
#else
    KCTX_PREEMPT_DISABLE(ctx) {
        KCTX_RCU_READ_LOCK(ctx) {
            add_wait_queue(ctx, queue, self); // <-- error
        }
    }
#endif
}
