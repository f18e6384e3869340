// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: alloc-in-raw-section
// EXPECT call: kmalloc
// EXPECT context: HardIrqCtx.*GFP_ATOMIC
// EXPECT fix: true hard irq
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static irqreturn_t tick_isr([[maybe_unused]] HardIrqCtx ctx, int, void *dev)
{
#ifdef FIXED
    **static_cast<int **>(dev) = 1;
#else
    int *sample = KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_ATOMIC), return IRQ_NONE); // <-- error
    *static_cast<int **>(dev) = sample;
#endif
    return IRQ_WAKE_THREAD;
}

static irqreturn_t tick_thread(ThreadedIrqCtx, int, void *) { return IRQ_HANDLED; }

int tick_probe(ProcessCtx ctx, int **sample)
{
    *sample = KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_KERNEL), return -1);
    return request_threaded_irq(ctx, 3, handler<tick_isr>, handler<tick_thread>, IRQF_SHARED,
                                "tick", sample);
}
