// SPDX-License-Identifier: BSL-1.0
// A port is closed: its timer must be over when port_close() returns.
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct rx_timer : timer_list {};
struct rx_lock : spinlock_t, used_in<CallbackOf<rx_timer, TimerCtx>> {};

struct port {
    rx_timer timer;
    rx_lock lock;
    bool open;
    unsigned ticks;
};

static port the_port;

void rx_tick(CallbackOf<rx_timer, TimerCtx> ctx, timer_list *)
{
    KCTX_SPIN_LOCK(ctx, the_port.lock) {
        if (the_port.open)
            the_port.ticks++;
    }
}

void port_open(ProcessCtx ctx)
{
    timer_setup(&the_port.timer, handler<rx_tick>, 0);
    KCTX_SPIN_LOCK_BH(ctx, the_port.lock) {
        the_port.open = true;
    }
    mod_timer(ctx, &the_port.timer, jiffies + 1);
}

void port_close(ProcessCtx ctx)
{
    // [[solve]]
    KCTX_SPIN_LOCK_BH(ctx, the_port.lock) {
        the_port.open = false;
    }
    timer_delete_sync(ctx, &the_port.timer);
    // [[stub]]
    KCTX_SPIN_LOCK_BH(ctx, the_port.lock) {
        the_port.open = false;
        timer_delete_sync(ctx, &the_port.timer); // TODO 1: what is it waiting for?
    }
    // [[wrong plain-lock]]
    KCTX_SPIN_LOCK(ctx, the_port.lock) {
        the_port.open = false;
    }
    timer_delete_sync(ctx, &the_port.timer);
    // [[wrong stays-open]]
    timer_delete_sync(ctx, &the_port.timer);
    // [[end]]
}
