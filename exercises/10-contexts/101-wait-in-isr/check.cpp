// SPDX-License-Identifier: BSL-1.0
#include <chrono>

LAB_TEST("a stuck controller is reset")
{
    controller c{true, 0};
    const irqreturn_t done = host::run<IrqCtx>([&](auto ctx) { return controller_isr(ctx, 7, &c); });
    LAB_EXPECT(done == IRQ_HANDLED && c.resets == 1 && !c.stuck, "the controller was not reset");
}
LAB_TEST("it has its 100 us")
{
    controller c{true, 0};
    const auto start = std::chrono::steady_clock::now();
    host::run<IrqCtx>([&](auto ctx) { return controller_isr(ctx, 7, &c); });
    const auto took = std::chrono::steady_clock::now() - start;
    LAB_EXPECT(took >= std::chrono::microseconds(100), "the controller had less than 100 us");
}

// [[machine]]
LAB_MACHINE({})
{
    static controller c{true, 0};
    lab::task("cat", 812, [] {});
    lab::hardirq(100, [] { controller_isr(lab::token<IrqCtx>(), 7, &c); });
    lab::run();
}
// [[end]]
