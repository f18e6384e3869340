// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock_interruptible
// EXPECT context: TaskletCtx
// EXPECT fix: work item
#include <kctx/api/kernel.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct scanner {
    tasklet_struct done;
    work_struct finish;
    mutex lock;
    int pages;
};

void scanner_done([[maybe_unused]] TaskletCtx ctx, tasklet_struct *t)
{
    scanner *s = container_of(t, scanner, done);
#ifdef FIXED
    schedule_work(ctx, &s->finish);
#else
    KCTX_MUTEX_LOCK_INTERRUPTIBLE(ctx, s->lock) { // <-- error
        s->pages++;
    }
#endif
}
