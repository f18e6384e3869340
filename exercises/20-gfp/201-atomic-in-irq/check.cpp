// SPDX-License-Identifier: BSL-1.0
static rx_dma with_buffer()
{
    rx_dma rx{};
    rx.buffer = host::run<ProcessCtx>([](auto ctx) -> void * { return KCTX_TRY(kmalloc(ctx, RX_BUF_SIZE, GFP_KERNEL), return nullptr); });
    return rx;
}
static void interrupt(rx_dma &rx)
{
    host::run<IrqCtx>([&](auto ctx) { return drv_interrupt(ctx, 23, &rx); });
}

LAB_TEST("a packet is received, and the device has a new buffer")
{
    rx_dma rx = with_buffer();
    interrupt(rx);
    LAB_EXPECT(rx.received == 1 && rx.dropped == 0, "the packet was not received");
    LAB_EXPECT(rx.buffer != nullptr, "the device has no buffer");
    host::run<ProcessCtx>([&](auto ctx) { kfree(ctx, rx.buffer); });
}
LAB_TEST("without memory the packet is dropped and the device keeps its buffer")
{
    rx_dma rx = with_buffer();
    void *const before = rx.buffer;
    host::fail_nth(1);
    interrupt(rx);
    host::fail_nth(0);
    LAB_EXPECT(rx.received == 0 && rx.dropped == 1, "the packet counts as received");
    LAB_EXPECT(rx.buffer == before, "the device has lost its buffer");
    host::run<ProcessCtx>([&](auto ctx) { kfree(ctx, rx.buffer); });
}

// [[machine]]
LAB_MACHINE({.version = KCTX_VERSION(2, 6, 33), .preemptible = false, .arm = true})
{
    static rx_dma rx{};
    lab::task("cat", 812, [] {});
    lab::hardirq(100, [] { drv_interrupt(lab::token<IrqCtx>(), 23, &rx); });
    lab::run();
}
// [[end]]
