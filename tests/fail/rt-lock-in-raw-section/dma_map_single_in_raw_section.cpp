// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: dma_map_single
// EXPECT context: RawSpinLockedIrq<ring_lock, kctx::WorkCtx>
// EXPECT fix: map the buffer before the raw section
#include <kctx/api/dma.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

struct ring_lock : raw_spinlock_t {};

struct ring {
    ring_lock lock;
    device *dev;
    dma_addr_t next;
};

void ring_add([[maybe_unused]] WorkCtx ctx, ring *r, char *buffer)
{
#ifdef FIXED
    const dma_addr_t mapped = dma_map_single(ctx, r->dev, buffer, 64, DMA_TO_DEVICE);
#endif
    KCTX_RAW_SPIN_LOCK_IRQ(ctx, r->lock) {
#ifdef FIXED
        r->next = mapped;
#else
        r->next = dma_map_single(ctx, r->dev, buffer, 64, DMA_TO_DEVICE); // <-- error
#endif
    }
}
