// SPDX-License-Identifier: BSL-1.0
// An I2C controller: a timer gives a transfer up when no interrupt comes.
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct transfer {
    timer_list timeout;
    bool done;
    bool timed_out;
};

void transfer_timeout(TimerCtx, timer_list *timer)
{
    container_of(timer, transfer, timeout)->timed_out = true;
}

void transfer_start(ProcessCtx ctx, transfer *t)
{
    timer_setup(&t->timeout, handler<transfer_timeout>, 0);
    mod_timer(ctx, &t->timeout, jiffies + 100000);
}

void transfer_isr(HardIrqCtx ctx, transfer *t)
{
    t->done = true;
    // [[solve]]
    timer_delete(ctx, &t->timeout);
    // [[stub]]
    timer_delete_sync(ctx, &t->timeout); // TODO 1: what if this interrupt came in the middle of it?
    // [[wrong shutdown]]
    timer_shutdown_sync(ctx, &t->timeout);
    // [[wrong later]]
    mod_timer(ctx, &t->timeout, jiffies + 100000);
    // [[end]]
}

void transfer_end(ProcessCtx ctx, transfer *t)
{
    timer_delete_sync(ctx, &t->timeout);
}
