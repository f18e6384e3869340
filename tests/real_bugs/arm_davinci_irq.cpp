// SPDX-License-Identifier: BSL-1.0
// BUG: arm, davinci: what allocates the chip of the interrupts may fail, and nobody looks
// CONTEXT: boot
// CHAIN: davinci_irq_init > irq_alloc_generic_chip > kzalloc
// SOURCE: 33e1e5e317b0, https://git.zx2c4.com/linux-dev/commit/?id=33e1e5e317b0fc78ac6588ec8aa40005bcddd7ce
// EXPECT slug: unchecked-result
// EXPECT call: kzalloc
// EXPECT context: any context
// EXPECT fix: KCTX_TRY
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct irq_chip_generic {
    iomem *reg_base;
};

template <context C> auto irq_alloc_generic_chip(C ctx)
{
    return kzalloc(ctx, sizeof(irq_chip_generic), GFP_KERNEL);
}

int davinci_irq_init(ProcessCtx ctx, iomem *base)
{
#ifdef FIXED
    irq_chip_generic *gc = KCTX_TRY(irq_alloc_generic_chip(ctx), return -ENOMEM);
#else
    irq_chip_generic *gc = irq_alloc_generic_chip(ctx); // <-- error
#endif
    gc->reg_base = base;
    return 0;
}
