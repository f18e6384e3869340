// SPDX-License-Identifier: BSL-1.0
LAB_TEST("all blocks are filled")
{
    frame f{};
    LAB_EXPECT(host::run<TimerCtx>(frame_fill, &f) && f.filled == BLOCKS, "blocks are missing");
    host::run<TimerCtx>(frame_drop, &f);
}
LAB_TEST("all or none")
{
    frame f{};
    const auto before = host::memory_in_use();
    host::fail_nth(7);
    const bool filled = host::run<TimerCtx>(frame_fill, &f);
    host::fail_nth(0);
    LAB_EXPECT(!filled, "the seventh block was refused, and it says that all are there");
    LAB_EXPECT(f.filled == 0, "some blocks count as filled");
    LAB_EQUAL(host::memory_in_use(), before, "blocks are in use that nobody knows of");
}

// [[machine]]
LAB_MACHINE({.megabytes = 64})
{
    static frame f{};
    lab::age_memory();
    lab::task("cat", 812, [] { lab::softirq_now("run_timer_softirq", [] { frame_fill(lab::token<TimerCtx>(), &f); }); });
    lab::run();
}
// [[end]]
