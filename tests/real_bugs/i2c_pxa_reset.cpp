// SPDX-License-Identifier: BSL-1.0
// BUG: i2c, i2c-pxa: the interrupt handler resets the controller, which sleeps
// CONTEXT: hard irq
// CHAIN: i2c_pxa_handler > i2c_pxa_irq_txempty > i2c_pxa_reset > i2c_pxa_wait_slave > msleep
// SOURCE: https://lore.kernel.org/r/20190807071807.17488-1-huangfq.daxian@gmail.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: msleep
// EXPECT context: IrqCtx
// EXPECT fix: udelay
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

template <context C> int i2c_pxa_wait_slave([[maybe_unused]] C ctx, iomem *base)
{
    for (int tries = 100; tries > 0; tries--) {
        if ((readl(base) & 1) != 0)
            return 1;
#ifdef FIXED
        mdelay(1);
#else
        msleep(ctx, 1); // <-- error
#endif
    }
    return 0;
}

template <context C> void i2c_pxa_reset(C ctx, iomem *base)
{
    writel(1, base);
    if (i2c_pxa_wait_slave(ctx, base) == 0)
        pr_err("i2c_pxa: wait timed out\n");
}

irqreturn_t i2c_pxa_handler(IrqCtx ctx, int, void *base)
{
    i2c_pxa_reset(ctx, static_cast<iomem *>(base));
    return IRQ_HANDLED;
}

int probe(ProcessCtx ctx, unsigned char *base, unsigned int irq)
{
    return request_irq(ctx, irq, handler<i2c_pxa_handler>, IRQF_SHARED, "i2c_pxa", base);
}
