// SPDX-License-Identifier: BSL-1.0
LAB_TEST("a closed port is closed, and its timer over")
{
    host::run<ProcessCtx>(port_open);
    host::run<ProcessCtx>(port_close);
    LAB_EXPECT(!the_port.open, "the port is open");
    const unsigned ticks = the_port.ticks;
    const int pending = host::run<ProcessCtx>([](auto ctx) { return timer_delete(ctx, &the_port.timer); });
    LAB_EXPECT(pending == 0 && the_port.ticks == ticks, "the timer is still to come");
}

// [[machine]]
#include <kctx/api/delay.hpp>
LAB_MACHINE({.lockdep = true})
{
    lab::task("stty", 812, [] {
        port_open(lab::token<ProcessCtx>());
        msleep(lab::token<ProcessCtx>(), 20); // the timer has come once
        port_close(lab::token<ProcessCtx>());
    });
    lab::run();
}
// [[end]]
