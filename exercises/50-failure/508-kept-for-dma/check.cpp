// SPDX-License-Identifier: BSL-1.0
static int error;
static bool in_cma;
static unsigned long before;
static void probe_and_remove()
{
    static capture c{};
    lab::detail::power_on({.megabytes = 64, .cma = 16});
    lab::wear_memory();
    before = lab::free_pages();
    lab::task("modprobe", 830, [] {
        auto ctx = lab::token<ProcessCtx>();
        error = capture_probe(ctx, &c);
        if (error != 0)
            return;
        in_cma = lab::is_cma(lab::frame_of(c.frame));
        capture_remove(ctx, &c);
    });
    LAB_EXPECT(lab::run(), "the machine does not come to an end");
}

LAB_TEST("the card gets its 64 kB")
{
    probe_and_remove();
    LAB_EXPECT(error == 0, "the probe fails; `m` shows what the kernel says");
    LAB_EXPECT(in_cma, "they are not where memory was set aside for them");
}
LAB_TEST("all of it goes back")
{
    probe_and_remove();
    LAB_EQUAL(lab::free_pages(), before, "after the removal less memory is free than before the probe");
}

// [[machine]]
LAB_MACHINE({.megabytes = 64, .cma = 16})
{
    static capture c{};
    lab::wear_memory();
    lab::task("modprobe", 830, [] { capture_probe(lab::token<ProcessCtx>(), &c); });
    lab::run();
}
// [[end]]
