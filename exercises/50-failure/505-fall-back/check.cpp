// SPDX-License-Identifier: BSL-1.0
static void give_back(const rx_block &b)
{
    host::run<ProcessCtx>([&](auto ctx) { __free_pages(ctx, b.pages, b.order); });
}

LAB_TEST("with memory it is order 3")
{
    rx_block b{};
    LAB_EXPECT(host::run<NapiCtx>(rx_alloc, &b) && b.order == 3 && b.pages, "not a block of 8 pages");
    give_back(b);
}
LAB_TEST("the largest that is to be had")
{
    for (long refused = 1; refused <= 3; ++refused) {
        rx_block b{};
        host::set_memory_faults({.probability = 100, .seed = 1, .times = refused});
        const bool got = host::run<NapiCtx>(rx_alloc, &b);
        host::set_memory_faults({});
        LAB_EXPECT(got && b.pages, "smaller blocks were to be had");
        LAB_EXPECT(b.order == 3 - static_cast<unsigned>(refused), "the block has another order than it says");
        give_back(b);
    }
}
LAB_TEST("without any memory it says so")
{
    rx_block b{};
    host::set_memory_faults({.probability = 100, .seed = 1});
    const bool got = host::run<NapiCtx>(rx_alloc, &b);
    host::set_memory_faults({});
    LAB_EXPECT(!got, "it says that there is a block");
}

// [[machine]]
LAB_MACHINE({.megabytes = 64})
{
    static rx_block b{};
    lab::age_memory();
    lab::task("cat", 812, [] { lab::softirq_now("net_rx_action", [] { rx_alloc(lab::token<NapiCtx>(), &b); }); });
    lab::run();
}
// [[end]]
