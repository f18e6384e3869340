// SPDX-License-Identifier: BSL-1.0
// BUG: pinctrl, mcp23s08: the irq core sets up a line under its raw lock, the chip's map takes a mutex
// CONTEXT: raw_spin_lock_irqsave
// CHAIN: request_threaded_irq > __setup_irq > mcp23s08_irq_set_type > regmap_update_bits
// SOURCE: https://lore.kernel.org/r/20241209074659.1442898-1-e.shatokhin@yadro.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: regmap_update_bits
// EXPECT context: RawSpinLockedIrqsave<.*irq_desc_lock, kctx::ProcessCtx>
// EXPECT fix: work item
#include <kctx/api/regmap.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct irq_desc_lock : raw_spinlock_t {};
struct mcp23s08 {
    regmap *map;
    unsigned int cached = 0; ///< written to the chip when the bus is unlocked
};

template <context C> void mcp23s08_irq_set_type([[maybe_unused]] C ctx, mcp23s08 *mcp)
{
#ifdef FIXED
    mcp->cached |= 1;
#else
    regmap_update_bits(ctx, mcp->map, 4, 1, 1); // <-- error
#endif
}

void setup_irq(ProcessCtx ctx, irq_desc_lock *desc, mcp23s08 *mcp)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, *desc) {
        mcp23s08_irq_set_type(ctx, mcp);
    }
#ifdef FIXED
    regmap_write(ctx, mcp->map, 4, mcp->cached);
#endif
}
