// SPDX-License-Identifier: BSL-1.0
LAB_TEST("it takes its samples")
{
    sampler s{};
    host::run<TimerCtx>(sample, &s.timer);
    LAB_EXPECT(s.samples && s.missed == 0, "there are no samples");
    host::run<ProcessCtx>([&](auto ctx) { kfree(ctx, s.samples); });
}
LAB_TEST("a period without memory is counted")
{
    sampler s{};
    host::fail_nth(1);
    host::run<TimerCtx>(sample, &s.timer);
    host::fail_nth(0);
    LAB_EXPECT(!s.samples && s.missed == 1, "the period is not counted as missed");
}

// [[machine]]
LAB_MACHINE({})
{
    static sampler s{};
    lab::task("cat", 812, [] { lab::softirq_now("run_timer_softirq", [] { sample(lab::token<TimerCtx>(), &s.timer); }); });
    lab::run();
}
// [[end]]
