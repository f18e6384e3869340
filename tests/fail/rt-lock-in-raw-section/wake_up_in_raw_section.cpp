// SPDX-License-Identifier: BSL-1.0
// A wait queue's lock is a spinlock_t; that of a completion is raw.
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: wake_up
// EXPECT context: RawSpinLocked<event_lock, kctx::IrqCtx>
// EXPECT fix: complete()
#include <kctx/api/completion.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct event_lock : raw_spinlock_t {};

struct source {
    event_lock lock;
    wait_queue_head_t queue;
    completion arrived;
    int events;
};

void source_isr([[maybe_unused]] IrqCtx ctx, source *s)
{
    KCTX_RAW_SPIN_LOCK(ctx, s->lock) {
        s->events++;
#ifdef FIXED
        complete(ctx, &s->arrived);
#else
        wake_up(ctx, &s->queue); // <-- error
#endif
    }
}
