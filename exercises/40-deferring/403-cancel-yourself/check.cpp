// SPDX-License-Identifier: BSL-1.0
LAB_TEST("the timeout ends the connection, and itself")
{
    connection *c = host::run<ProcessCtx>(connect, 1ul);
    host::run<ProcessCtx>([&](auto ctx) { flush_delayed_work(ctx, &c->timeout); });
    LAB_EXPECT(c->failed, "the connection still stands");
}
LAB_TEST("a refusal stops the timeout")
{
    connection *c = host::run<ProcessCtx>(connect, 100000ul);
    host::run<WorkCtx>(connect_refused, nullptr);
    const bool pending = host::run<ProcessCtx>([&](auto ctx) { return cancel_delayed_work_sync(ctx, &c->timeout); });
    LAB_EXPECT(c->failed && !pending, "the timeout is still to come");
}

// [[machine]]
LAB_MACHINE({.lockdep = true, .hung_task = 120})
{
    lab::task("bluetoothd", 812, [] { connect(lab::token<ProcessCtx>(), 1); });
    lab::run();
}
// [[end]]
