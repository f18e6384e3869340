// SPDX-License-Identifier: BSL-1.0
// BUG: gpio, aggregator: its line is on an I2C expander, and is set with a spinlock held
// CONTEXT: spin_lock_irqsave
// CHAIN: gpio_fwd_set_multiple_locked > gpio_fwd_set > pca953x_gpio_set_value > i2c_smbus_write_byte_data
// SOURCE: Fixes 828546e24280, https://lore.kernel.org/r/6a62a531227cd4f20d77d50cdde60c7a18b9f052.1643625325.git.geert+renesas@glider.be
// EXPECT slug: sleep-in-atomic
// EXPECT call: i2c_smbus_write_byte_data
// EXPECT context: SpinLockedIrqsave<.*slock, kctx::SyscallCtx>
// EXPECT fix: work item
#include <kctx/api/i2c.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct mlock : mutex {};
struct slock : spinlock_t {};
struct gpiochip_fwd {
    mlock may_sleep;
    slock must_not;
    i2c_client *expander;
};

template <context C> void pca953x_gpio_set_value(C ctx, gpiochip_fwd *fwd, u8 value)
{
    i2c_smbus_write_byte_data(ctx, fwd->expander, 2, value); // <-- error
}

void gpio_fwd_set_multiple_locked(SyscallCtx ctx, gpiochip_fwd *fwd, u8 value)
{
#ifdef FIXED
    KCTX_MUTEX_LOCK(ctx, fwd->may_sleep) {
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, fwd->must_not) {
#endif
        pca953x_gpio_set_value(ctx, fwd, value);
    }
}
