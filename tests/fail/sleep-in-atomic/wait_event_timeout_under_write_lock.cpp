// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: wait_event_timeout
// EXPECT context: WriteLockedIrq<route_lock, kctx::SyscallCtx>
// EXPECT fix: leave the atomic section first
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

struct route_lock : rwlock_t {};

struct router {
    route_lock lock;
    wait_queue_head_t idle;
    int users;
};

long router_drain([[maybe_unused]] SyscallCtx ctx, router *r)
{
#ifdef FIXED
    return wait_event_timeout(ctx, r->idle, r->users == 0, 100);
#else
    KCTX_WRITE_LOCK_IRQ(ctx, r->lock) {
        return wait_event_timeout(ctx, r->idle, r->users == 0, 100); // <-- error
    }
    return 0;
#endif
}
