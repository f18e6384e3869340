// SPDX-License-Identifier: BSL-1.0
LAB_TEST("after the interrupt the timer is not pending")
{
    static transfer t;
    host::run<ProcessCtx>(transfer_start, &t);
    host::run<HardIrqCtx>(transfer_isr, &t);
    LAB_EXPECT(t.done, "the transfer is not done");
    const int pending = host::run<ProcessCtx>([](auto ctx) { return timer_delete(ctx, &t.timeout); });
    LAB_EXPECT(pending == 0, "the timer is still to come");
    host::run<ProcessCtx>(transfer_end, &t);
}

// [[machine]]
LAB_MACHINE({})
{
    static transfer t{};
    lab::task("i2cdetect", 640, [] { transfer_start(lab::token<ProcessCtx>(), &t); });
    lab::hardirq(100, [] { transfer_isr(lab::token<HardIrqCtx>(), &t); });
    lab::run();
}
// [[end]]
