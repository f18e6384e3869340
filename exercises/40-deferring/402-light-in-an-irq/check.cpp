// SPDX-License-Identifier: BSL-1.0
LAB_TEST("the icon is not touched in the interrupt")
{
    static display d;
    display_init(&d);
    led_trigger t{};
    t.light = &d;
    host::run<ProcessCtx>([](auto ctx) { display_set_icon(ctx, &d, 1); });
    bool early = false;
    // The work item shows what is wanted; who shows something else has done it himself.
    host::run<IrqCtx>([&](auto ctx) {
        led_trigger_event(ctx, &t, 255);
        early = d.wanted != 255 && d.shown == 255;
    });
    LAB_EXPECT(!early, "the handler itself changed the icon while a picture may be on its way");
    host::run<ProcessCtx>([](auto ctx) { flush_work(ctx, &d.icon_work); });
    LAB_EQUAL(d.shown, 255, "in the end the icon shows something else");
}

// [[machine]]
LAB_MACHINE({})
{
    static display d{};
    static led_trigger t{{}, &d};
    display_init(&d);
    lab::task("cat", 812, [] {});
    lab::hardirq(100, [] { led_trigger_event(lab::token<IrqCtx>(), &t, 1); });
    lab::run();
}
// [[end]]
