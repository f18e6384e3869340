// SPDX-License-Identifier: BSL-1.0
LAB_TEST("frames are counted, and read")
{
    capture c{};
    unsigned frames = 0;
    for (int i = 0; i < 2; ++i)
        host::run<IrqCtx>([&](auto ctx) { return capture_isr(ctx, 5, &c); });
    host::run<SyscallCtx>([&](auto ctx) { return capture_frames(ctx, &c, user_ptr<unsigned>(&frames)); });
    LAB_EQUAL(frames, 2, "the process reads another count");
}
LAB_TEST("the rate is that of the settings")
{
    settings s{25};
    capture c{};
    c.current = &s;
    LAB_EQUAL(host::run<ProcessCtx>(capture_rate, &c), 25, "it is another rate");
}
LAB_TEST("after the frame the timer is not pending")
{
    static capture c{};
    host::run<ProcessCtx>([](auto ctx) {
        timer_setup(&c.stall, handler<capture_give_up>, 0);
        mod_timer(ctx, &c.stall, jiffies + 100000);
    });
    host::run<HardIrqCtx>(capture_stall, &c);
    const int pending = host::run<ProcessCtx>([](auto ctx) { return timer_delete(ctx, &c.stall); });
    LAB_EXPECT(pending == 0, "the timer is still to come");
    host::run<ProcessCtx>([](auto ctx) { timer_delete_sync(ctx, &c.stall); });
}
LAB_TEST("a run without memory is counted")
{
    capture c{};
    host::fail_nth(1);
    host::run<WorkCtx>(capture_process, &c.process);
    host::fail_nth(0);
    LAB_EXPECT(!c.frame && c.missed == 1, "nobody will know that there was no memory");
    host::run<WorkCtx>(capture_process, &c.process);
    LAB_EXPECT(c.frame, "there is no frame");
    host::run<ProcessCtx>([&](auto ctx) { kfree(ctx, c.frame); });
}

// [[machine]]
LAB_MACHINE({.lockdep = true})
{
    static capture c{};
    static unsigned frames;
    lab::task("cat", 812, [] { capture_frames(lab::token<SyscallCtx>(), &c, user_ptr<unsigned>(&frames)); });
    lab::hardirq(1000, [] { capture_isr(lab::token<IrqCtx>(), 5, &c); });
    lab::run();
}
// [[end]]
