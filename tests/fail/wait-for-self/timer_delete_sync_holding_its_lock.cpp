// SPDX-License-Identifier: BSL-1.0
// The callback spins for the lock, and its owner for the callback.
// EXPECT slug: wait-for-self
// EXPECT call: timer_delete_sync
// EXPECT context: SpinLockedBh<rx_lock, kctx::ProcessCtx>
// EXPECT fix: or wait outside
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct rx_timer : timer_list {};
struct rx_lock : spinlock_t, used_in<CallbackOf<rx_timer, TimerCtx>> {};
struct port {
    rx_timer timer;
    rx_lock lock;
    bool open = false;
};

void rx_timeout(CallbackOf<rx_timer, TimerCtx> ctx, timer_list *timer)
{
    port *const p = container_of(timer, port, timer);
    KCTX_SPIN_LOCK(ctx, p->lock) {
        p->open = false;
    }
}

void close(ProcessCtx ctx, port &p)
{
    KCTX_SPIN_LOCK_BH(ctx, p.lock) {
        p.open = false;
#ifndef FIXED
        timer_delete_sync(ctx, &p.timer); // <-- error
#endif
    }
    timer_delete_sync(ctx, &p.timer);
}

void open(port &p) { timer_setup(&p.timer, handler<rx_timeout>, 0); }
