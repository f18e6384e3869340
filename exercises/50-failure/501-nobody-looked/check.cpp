// SPDX-License-Identifier: BSL-1.0
LAB_TEST("the device gets its buffer")
{
    wlan w{};
    w.error = 1;
    host::run<WorkCtx>(hub_event, &w.hub_events);
    LAB_EXPECT(w.error == 0 && w.command, "there is no buffer");
    host::run<ProcessCtx>([&](auto ctx) { kfree(ctx, w.command); });
}
LAB_TEST("without memory it is -ENOMEM, and the machine goes on")
{
    wlan w{};
    host::fail_nth(1);
    host::run<WorkCtx>(hub_event, &w.hub_events);
    host::fail_nth(0);
    LAB_EXPECT(w.error == -ENOMEM, "the failure is not reported with -ENOMEM");
}

// [[machine]]
LAB_MACHINE({.megabytes = 64, .cma = 32})
{
    static wlan w{};
    lab::age_memory();
    INIT_WORK(&w.hub_events, handler<hub_event>);
    lab::task("usb", 5171, [] { schedule_work(lab::token<ProcessCtx>(), &w.hub_events); });
    lab::run();
}
// [[end]]
