// SPDX-License-Identifier: BSL-1.0
// This file plays the chip: register 0x10 holds 77.
static i2c_client chip;
static int reads;
namespace kctx::env::inline KCTX_ENV_NAMESPACE {
s32 i2c_smbus_read_byte_data(const i2c_client *client, u8 command) noexcept
{
    if (client == &chip)
        reads++;
    return command == 0x10 ? 77 : -5;
}
} // namespace kctx::env::inline KCTX_ENV_NAMESPACE

LAB_TEST("an interrupt reads the chip")
{
    touch t{};
    t.client = &chip;
    LAB_EQUAL(host::run<ProcessCtx>(touch_probe, 6u, &t), 0, "the probe failed");
    host::raise_irq(6);
    host::run<ProcessCtx>([](auto ctx) { synchronize_irq(ctx, 6u); });
    LAB_EXPECT(t.last == 77 && reads == 1, "the chip's register was not read once");
    host::run<ProcessCtx>([&](auto ctx) { free_irq(ctx, 6u, &t); });
}

// [[machine]]
LAB_MACHINE({})
{
    static i2c_client chip;
    static touch t{};
    t.client = &chip;
    lab::task("modprobe", 701, [] { touch_probe(lab::token<ProcessCtx>(), 6, &t); });
    lab::line(100, 6);
    lab::run();
}
// [[end]]
