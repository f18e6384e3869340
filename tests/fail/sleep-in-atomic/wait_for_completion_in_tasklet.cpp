// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: wait_for_completion
// EXPECT context: TaskletCtx
// EXPECT fix: try_wait_for_completion
#include <kctx/api/completion.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct dma_channel {
    tasklet_struct done;
    completion transferred;
};

void dma_done(TaskletCtx ctx, tasklet_struct *t)
{
    dma_channel *d = container_of(t, dma_channel, done);
#ifdef FIXED
    try_wait_for_completion(ctx, &d->transferred);
#else
    wait_for_completion(ctx, &d->transferred); // <-- error
#endif
}
