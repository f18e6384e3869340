// SPDX-License-Identifier: BSL-1.0
// What each compiler sees, one case at a time: -DCASE=n. README.md has the table.
#if CASE == 7
#define KCTX_PLAIN_CALLS
#endif
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct port_lock : spinlock_t {};

struct port {
    port_lock lock;
    int sent KCTX_GUARDED_BY(lock) = 0;
};

// case 1: a call in a context that does not allow it
#if CASE == 1
void reset(IrqCtx ctx) { msleep(ctx, 10); }

// case 2: memory that is used, or dropped, before it was checked
#elif CASE == 2
char *name(ProcessCtx ctx) { return kmalloc(ctx, 16, GFP_KERNEL); }

// case 3: the token from outside a section, used in it under another name
#elif CASE == 3
void reset(ProcessCtx ctx, port *p)
{
    const auto outside = ctx;
    KCTX_SPIN_LOCK(ctx, p->lock) {
        msleep(outside, 10);
    }
}

// case 4: the token from before `spin_lock()`, used before `spin_unlock()`
#elif CASE == 4
void reset(ProcessCtx ctx, port *p)
{
    const auto locked = spin_lock(ctx, &p->lock);
    msleep(ctx, 10);
    spin_unlock(locked, &p->lock);
}

// case 5: a lock taken twice, or not given back
#elif CASE == 5
void reset(ProcessCtx ctx, port *p)
{
    const auto locked = spin_lock(ctx, &p->lock);
    (void)spin_lock(locked, &p->lock);
}

// case 6: data touched without its lock (`KCTX_GUARDED_BY`)
#elif CASE == 6
void reset(ProcessCtx, port *p) { p->sent = 0; }

// case 7: plain functions without tokens (`KCTX_PLAIN_CALLS`)
#elif CASE == 7
static void reset() { msleep(10); }
static irqreturn_t isr(int, void *)
{
    reset();
    return IRQ_HANDLED;
}
int probe(port *p) { return request_irq(5, handler<isr>, IRQF_SHARED, "port", p); }

// case 8: a closure with a token inside, made before a section and called in it
#elif CASE == 8
void reset(ProcessCtx ctx, port *p)
{
    const auto wait = [ctx] { msleep(ctx, 10); };
    KCTX_SPIN_LOCK(ctx, p->lock) {
        wait();
    }
}
#endif
