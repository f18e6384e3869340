// SPDX-License-Identifier: BSL-1.0
LAB_TEST("an open port is reset, and the card counts it")
{
    card c{};
    c.ports[0].open = true;
    LAB_EXPECT(host::run<WorkCtx>(port_error, &c, &c.ports[0]), "the port was open");
    LAB_EXPECT(c.ports[0].resets == 1 && c.resets == 1, "the counts are others");
}
LAB_TEST("a closed port is left alone")
{
    card c{};
    LAB_EXPECT(!host::run<WorkCtx>(port_error, &c, &c.ports[1]), "the port was closed");
    LAB_EXPECT(c.ports[1].resets == 0 && c.resets == 0, "the counts are others");
}
LAB_TEST("the card's reset still works")
{
    card c{};
    host::run<WorkCtx>(card_reset, &c);
    LAB_EXPECT(c.resets == 1 && c.ports[0].resets == 1 && c.ports[1].resets == 1, "the counts are others");
}

// [[machine]]
LAB_MACHINE({.lockdep = true})
{
    static card c{};
    c.ports[0].open = true;
    lab::task("kworker/0:1", 11, [] {
        card_reset(lab::token<WorkCtx>(), &c);
        port_error(lab::token<WorkCtx>(), &c, &c.ports[0]);
    });
    lab::run();
}
// [[end]]
