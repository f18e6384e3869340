// SPDX-License-Identifier: BSL-1.0
LAB_TEST("the tick is counted, and who waits is woken")
{
    hrtimer_cpu_base_lock base;
    static timerfd_ctx tfd;
    timerfd_create(&tfd);
    host::run<SoftirqCtx>(hrtimer_run_softirq, &base, &tfd);
    host::run<ProcessCtx>([](auto ctx) { irq_work_sync(ctx, &tfd.wake); });
    LAB_EXPECT(tfd.ticks == 1, "the tick is not counted");
    LAB_EXPECT(tfd.wakes == 1, "nobody wakes the readers");
}

// [[machine]]
LAB_MACHINE({.version = KCTX_VERSION(4, 19, 0), .rt = true})
{
    static timerfd_ctx tfd{};
    static hrtimer_cpu_base_lock base;
    timerfd_create(&tfd);
    lab::task("ktimersoftd/0", 9, [] { hrtimer_run_softirq(lab::token<SoftirqCtx>(), &base, &tfd); });
    lab::run();
}
// [[end]]
