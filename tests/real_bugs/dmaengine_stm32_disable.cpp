// SPDX-License-Identifier: BSL-1.0
// BUG: dmaengine, stm32-dma: a loop that polls a channel lets others run, with preemption off
// CONTEXT: preempt_disable
// CHAIN: stm32_dma_terminate_all > stm32_dma_stop > stm32_dma_disable_chan > cond_resched
// SOURCE: https://lore.kernel.org/r/20200129153628.29329-8-amelie.delaunay@st.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: cond_resched
// EXPECT context: PreemptDisabled<kctx::ProcessCtx>
// EXPECT fix: leave the atomic section first
#include <kctx/api/io.hpp>
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

template <context C> void stm32_dma_disable_chan([[maybe_unused]] C ctx, iomem *base)
{
    writel(0, base);
    while ((readl(base) & 1) != 0) {
#ifdef FIXED
        udelay(10);
#else
        cond_resched(ctx); // <-- error
#endif
    }
}

void stm32_dma_stop(ProcessCtx ctx, iomem *base)
{
    KCTX_PREEMPT_DISABLE(ctx) {
        stm32_dma_disable_chan(ctx, base);
    }
}
