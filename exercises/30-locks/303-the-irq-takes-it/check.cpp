// SPDX-License-Identifier: BSL-1.0
LAB_TEST("packets are counted and taken")
{
    card c{};
    host::run<IrqCtx>(card_isr, &c);
    host::run<IrqCtx>(card_isr, &c);
    LAB_EQUAL(host::run<ProcessCtx>(card_packets, &c), 2, "the count is another one");
    LAB_EQUAL(host::run<TimerCtx>(card_take, &c), 2, "another number is taken");
    LAB_EQUAL(host::run<ProcessCtx>(card_packets, &c), 0, "the count did not begin again");
}

// [[machine]]
LAB_MACHINE({.lockdep = true})
{
    static card c{};
    lab::task("cat", 812, [] { card_packets(lab::token<ProcessCtx>(), &c); });
    lab::hardirq(1000, [] { card_isr(lab::token<IrqCtx>(), &c); });
    lab::run();
}
// [[end]]
