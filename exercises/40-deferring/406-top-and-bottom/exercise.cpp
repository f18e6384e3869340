// SPDX-License-Identifier: BSL-1.0
// A UART. The interrupt handler takes the byte from the register, which must happen at once; passing
// it on may sleep, and is the work item's. Between them lies a ring of 16 bytes, under a lock.
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

constexpr unsigned RING = 16;

struct ring_lock : spinlock_t, used_in<IrqCtx> {};

struct uart {
    ring_lock lock; // of bytes, head, tail, lost
    char bytes[RING];
    unsigned head; // the next one to write
    unsigned tail; // the next one to read; empty if both are the same
    unsigned lost; // that came while the ring was full
    work_struct bottom;
    void (*deliver)(WorkCtx, char); // may sleep
};

// Takes @p byte; if the ring is full it is counted as lost. Then sees to it that uart_bottom() runs.
// TODO 1: the top half
void uart_isr(IrqCtx ctx, uart *u, char byte)
{
    // [[solve]]
    KCTX_SPIN_LOCK(ctx, u->lock) {
        if (u->head - u->tail == RING)
            u->lost++;
        else
            u->bytes[u->head++ % RING] = byte;
    }
    schedule_work(ctx, &u->bottom);
    // [[stub]]
    (void)ctx;
    (void)u;
    (void)byte;
    // [[wrong overwrites]]
    KCTX_SPIN_LOCK(ctx, u->lock) {
        u->bytes[u->head++ % RING] = byte;
    }
    schedule_work(ctx, &u->bottom);
    // [[end]]
}

// Passes on all bytes that are there, in order.
// TODO 2: the bottom half
void uart_bottom(WorkCtx ctx, work_struct *work)
{
    uart *u = container_of(work, uart, bottom);
    // [[solve]]
    for (;;) {
        char byte = 0;
        bool any = false;
        KCTX_SPIN_LOCK_IRQSAVE(ctx, u->lock) {
            any = u->head != u->tail;
            if (any)
                byte = u->bytes[u->tail++ % RING];
        }
        if (!any)
            return;
        u->deliver(ctx, byte);
    }
    // [[stub]]
    (void)ctx;
    (void)u;
    // [[wrong one-only]]
    char byte = 0;
    bool any = false;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, u->lock) {
        any = u->head != u->tail;
        if (any)
            byte = u->bytes[u->tail++ % RING];
    }
    if (any)
        u->deliver(ctx, byte);
    // [[wrong under-lock]]
    KCTX_SPIN_LOCK_IRQSAVE(ctx, u->lock) {
        while (u->head != u->tail)
            u->deliver(ctx, u->bytes[u->tail++ % RING]);
    }
    // [[wrong plain-lock]]
    for (;;) {
        char byte = 0;
        bool any = false;
        KCTX_SPIN_LOCK(ctx, u->lock) {
            any = u->head != u->tail;
            if (any)
                byte = u->bytes[u->tail++ % RING];
        }
        if (!any)
            return;
        u->deliver(ctx, byte);
    }
    // [[end]]
}
