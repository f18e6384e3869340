// SPDX-License-Identifier: BSL-1.0
// With tokens: a lock section, two allocations, two helpers that are not inlined.
#include "port.hpp"

using InSection = SpinLockedIrqsave<port_lock, ProcessCtx>;

[[gnu::noinline]] static int enqueue(InSection, port *p, void *item, unsigned long size)
{
    p->head = item;
    p->bytes += size;
    return static_cast<int>(++p->queued);
}

[[gnu::noinline]] static void refill(ProcessCtx ctx, port *p, unsigned long size)
{
    kfree(ctx, p->spare);
    p->spare = KCTX_TRY(kmalloc(ctx, size, GFP_KERNEL | __GFP_ZERO), p->spare = nullptr; return);
}

int transmit(ProcessCtx ctx, port *p, unsigned long size)
{
    int queued = 0;
    refill(ctx, p, size);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        void *item = KCTX_TRY(kmalloc(ctx, size, GFP_ATOMIC | __GFP_NOWARN), return -12);
        queued = enqueue(ctx, p, item, size);
    }
    return queued;
}
