// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: flush_work
// EXPECT context: NapiCtx
// EXPECT fix: threaded irq
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

int nic_poll(kctx::NapiCtx ctx, kctx::work_struct *reset, int budget)
{
#ifdef FIXED
    schedule_work(ctx, reset);
#else
    flush_work(ctx, reset); // <-- error
#endif
    return budget;
}
