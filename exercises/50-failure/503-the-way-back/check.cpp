// SPDX-License-Identifier: BSL-1.0
static int probe(adapter &a, unsigned irq)
{
    return host::run<ProcessCtx>([&](auto ctx) { return adapter_probe(ctx, &a, irq); });
}

LAB_TEST("it probes, and goes")
{
    const auto before = host::memory_in_use();
    adapter a{};
    LAB_EQUAL(probe(a, 30), 0, "the probe failed");
    host::run<ProcessCtx>(adapter_remove, &a);
    LAB_EQUAL(host::memory_in_use(), before, "after the removal memory is in use");
}
LAB_TEST("every failure gives back what was taken")
{
    for (unsigned n = 1; n <= 8; ++n) {
        const auto before = host::memory_in_use();
        adapter a{};
        host::fail_nth(n);
        const int error = probe(a, 31);
        const bool reached = host::fail_nth_left() == 0;
        host::fail_nth(0);
        if (error == 0) {
            host::run<ProcessCtx>(adapter_remove, &a);
            LAB_EXPECT(!reached, "an allocation failed, and the probe says 0");
        }
        LAB_EQUAL(host::memory_in_use(), before, "a probe that failed keeps memory");
    }
}
LAB_TEST("a line that is taken")
{
    const auto before = host::memory_in_use();
    adapter first{}, second{};
    LAB_EQUAL(probe(first, 32), 0, "the probe failed");
    LAB_EXPECT(probe(second, 32) < 0, "two drivers have a line that is not shared");
    host::run<ProcessCtx>(adapter_remove, &first);
    LAB_EQUAL(host::memory_in_use(), before, "the probe that was refused keeps memory");
}
LAB_TEST("after the removal the line is free")
{
    adapter a{};
    LAB_EQUAL(probe(a, 33), 0, "the probe failed");
    host::run<ProcessCtx>(adapter_remove, &a);
    LAB_EQUAL(probe(a, 33), 0, "the line is still taken");
    host::run<ProcessCtx>(adapter_remove, &a);
}

// [[machine]]
LAB_MACHINE({.unmap_freed = true})
{
    static adapter a{};
    lab::task("rmmod", 812, [] {
        adapter_probe(lab::token<ProcessCtx>(), &a, 30);
        adapter_remove(lab::token<ProcessCtx>(), &a);
    });
    lab::line(1000, 30); // the device does not know that nobody is there any more
    lab::run();
}
// [[end]]
