// SPDX-License-Identifier: BSL-1.0
// BUG: dmaengine, mtk-cqdma: the flag that says whether the caller is atomic has the wrong value
// CONTEXT: spin_lock_irqsave
// CHAIN: mtk_cqdma_free_chan_resources > mtk_cqdma_hard_reset > mtk_cqdma_poll_engine_done > usleep_range
// SOURCE: 069b3c4214f2, https://lore.kernel.org/r/20190614202843.26941-5-sashal@kernel.org
// EXPECT slug: sleep-in-atomic
// EXPECT call: usleep_range
// EXPECT context: SpinLockedIrqsave<.*pchan_lock, kctx::ProcessCtx>
// EXPECT fix: udelay()
#include <kctx/api/io.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct pchan_lock : spinlock_t {};
struct mtk_cqdma_pchan {
    pchan_lock lock;
    iomem *base;
};

template <bool Atomic, context C>
int mtk_cqdma_poll_engine_done([[maybe_unused]] C ctx, mtk_cqdma_pchan *pc)
{
    while ((readl(pc->base) & 1) != 0) {
        if constexpr (Atomic)
            udelay(1);
        else
            usleep_range(ctx, 1, 2); // <-- error
    }
    return 0;
}

template <context C> int mtk_cqdma_hard_reset(C ctx, mtk_cqdma_pchan *pc)
{
    writel(1, pc->base);
#ifdef FIXED
    return mtk_cqdma_poll_engine_done<true>(ctx, pc);
#else
    return mtk_cqdma_poll_engine_done<false>(ctx, pc);
#endif
}

int mtk_cqdma_free_chan_resources(ProcessCtx ctx, mtk_cqdma_pchan *pc)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, pc->lock) {
        return mtk_cqdma_hard_reset(ctx, pc);
    }
    return 0;
}
