// SPDX-License-Identifier: BSL-1.0
// BUG: gpio, grgpio: a line's interrupt is given back with the chip's spinlock held
// CONTEXT: spin_lock_irqsave
// CHAIN: grgpio_irq_unmap > free_irq
// SOURCE: e36eaf94be8f, https://lore.kernel.org/r/20200214154854.6746-50-sashal@kernel.org
// EXPECT slug: sleep-in-atomic
// EXPECT call: free_irq
// EXPECT context: SpinLockedIrqsave<.*bgpio_lock, kctx::ProcessCtx>
// EXPECT fix: queue a work item
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct bgpio_lock : spinlock_t {};
struct grgpio_priv {
    bgpio_lock lock;
    unsigned int irq = 0;
    int users = 1;
};

void grgpio_irq_unmap(ProcessCtx ctx, grgpio_priv *priv)
{
#ifdef FIXED
    bool last = false;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, priv->lock) {
        last = --priv->users == 0;
    }
    if (last)
        free_irq(ctx, priv->irq, priv);
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, priv->lock) {
        if (--priv->users == 0)
            free_irq(ctx, priv->irq, priv); // <-- error
    }
#endif
}
