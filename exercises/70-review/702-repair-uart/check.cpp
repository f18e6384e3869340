// SPDX-License-Identifier: BSL-1.0
static void watchdog(serial &s) { host::run<TimerCtx>(serial_watchdog, &s.watchdog); }

LAB_TEST("the handler counts and wakes")
{
    serial s{};
    host::run<IrqCtx>([&](auto ctx) { return serial_isr(ctx, 4, &s); });
    LAB_EXPECT(s.sent == 1 && s.baud == 9600 && s.woken == 1, "the handler does something else now");
}
LAB_TEST("the watchdog gets its buffer, or counts that it did not")
{
    serial s{};
    host::fail_nth(1);
    watchdog(s);
    host::fail_nth(0);
    LAB_EXPECT(!s.buffer && s.missed == 1, "a period without memory is not counted");
    watchdog(s);
    LAB_EXPECT(s.buffer, "there is no buffer");
    host::run<ProcessCtx>([&](auto ctx) { kfree(ctx, s.buffer); });
}
LAB_TEST("off gives the buffer back and wakes")
{
    serial s{};
    const auto before = host::memory_in_use();
    host::run<ProcessCtx>(serial_power, &s, true);
    LAB_EXPECT(s.on && s.woken == 0, "switching on wakes nobody");
    watchdog(s);
    host::run<ProcessCtx>(serial_power, &s, false);
    LAB_EXPECT(!s.on && s.woken == 1, "switching off does not wake who waits");
    LAB_EXPECT(!s.buffer, "the port keeps a buffer that was freed");
    LAB_EQUAL(host::memory_in_use(), before, "the buffer was not given back");
}

// [[machine]]
LAB_MACHINE({.rt = true})
{
    static serial s{};
    init_waitqueue_head(&s.room);
    s.on = true;
    lab::task("stty", 812, [] { serial_power(lab::token<ProcessCtx>(), &s, false); });
    lab::run();
}
// [[end]]
