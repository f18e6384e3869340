// SPDX-License-Identifier: BSL-1.0
// BUG: gpio, rcar: the irq core sets up a line under its raw lock, the chip takes a spinlock_t
// CONTEXT: raw_spin_lock_irqsave, on PREEMPT_RT
// CHAIN: __setup_irq > gpio_rcar_irq_set_type > gpio_rcar_config_interrupt_input_mode > spin_lock_irqsave
// SOURCE: 6.13-rc7, https://lore.kernel.org/r/20250121135833.3769310-1-niklas.soderlund+renesas@ragnatech.se
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock_irqsave
// EXPECT context: RawSpinLockedIrqsave<.*irq_desc_lock, kctx::ProcessCtx>
// EXPECT fix: raw_spinlock_t
#include <kctx/api/io.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct irq_desc_lock : raw_spinlock_t {};
#ifdef FIXED
struct gpio_rcar_lock : raw_spinlock_t {};
#else
struct gpio_rcar_lock : spinlock_t {};
#endif
struct gpio_rcar_priv {
    gpio_rcar_lock lock;
    iomem *base;
};

template <context C> void gpio_rcar_config_interrupt_input_mode(C ctx, gpio_rcar_priv *p)
{
#ifdef FIXED
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) { // <-- error
#endif
        writel(1, p->base);
    }
}

void setup_irq(ProcessCtx ctx, irq_desc_lock *desc, gpio_rcar_priv *p)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, *desc) {
        gpio_rcar_config_interrupt_input_mode(ctx, p);
    }
}
