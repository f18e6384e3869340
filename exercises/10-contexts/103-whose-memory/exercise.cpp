// SPDX-License-Identifier: BSL-1.0
// A device keeps its last event, and a process reads it.
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct event_lock : spinlock_t {};

struct events {
    event_lock lock;
    int last;
    unsigned read;
    user_ptr<void> reader; // where a process waits for the event
};

long events_read(SyscallCtx ctx, events *e, user_ptr<void> to)
{
    // [[solve]]
    int event = 0;
    KCTX_SPIN_LOCK(ctx, e->lock) {
        event = e->last;
        e->read++;
    }
    if (copy_to_user(ctx, to, &event, sizeof event) != 0)
        return -EFAULT;
    return sizeof event;
    // [[stub]]
    KCTX_SPIN_LOCK(ctx, e->lock) {
        e->read++;
        if (copy_to_user(ctx, to, &e->last, sizeof e->last) != 0) // TODO 1: it may have to wait
            return -EFAULT;
    }
    return sizeof e->last;
    // [[wrong unlocked]]
    KCTX_SPIN_LOCK(ctx, e->lock) {
        e->read++;
    }
    if (copy_to_user(ctx, to, &e->last, sizeof e->last) != 0)
        return 0;
    return sizeof e->last;
    // [[end]]
}

// A new event.
// [[solve]]
void events_put(WorkCtx ctx, events *e, int event)
{
    KCTX_SPIN_LOCK(ctx, e->lock) {
        e->last = event;
    }
}
// [[stub]]
void events_put(WorkCtx ctx, events *e, int event)
{
    KCTX_SPIN_LOCK(ctx, e->lock) {
        e->last = event;
    }
    if (copy_to_user(ctx, e->reader, &event, sizeof event) != 0) // TODO 2: whose memory would that be?
        e->last = 0;
}
// [[wrong one-read]]
void events_put(WorkCtx ctx, events *e, int event)
{
    KCTX_SPIN_LOCK(ctx, e->lock) {
        e->last = event;
    }
    if (put_user(ctx, event, user_ptr<int>(nullptr)) != 0)
        e->last = 0;
}
// [[end]]
