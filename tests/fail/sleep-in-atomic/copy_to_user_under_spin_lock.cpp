// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: copy_to_user
// EXPECT context: SpinLocked<event_lock, kctx::SyscallCtx>
// EXPECT fix: copy before the atomic section
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct event_lock : spinlock_t {};

struct device_events {
    event_lock lock;
    int last;
};

long read_event([[maybe_unused]] SyscallCtx ctx, device_events *d, user_ptr<void> to)
{
    int event = 0;
    KCTX_SPIN_LOCK(ctx, d->lock) {
        event = d->last;
#ifndef FIXED
        if (copy_to_user(ctx, to, &event, sizeof event) != 0) // <-- error
            return -EFAULT;
#endif
    }
#ifdef FIXED
    if (copy_to_user(ctx, to, &event, sizeof event) != 0)
        return -EFAULT;
#endif
    return sizeof event;
}
