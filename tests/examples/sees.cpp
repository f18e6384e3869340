// SPDX-License-Identifier: BSL-1.0
// Holes, and which net catches what falls through: one case at a time, -DCASE=n; -DCASE=0 is what
// all of them share. docs/what-each-compiler-sees.md has the table, README.md the marked (*) rows.
#if CASE >= 18
#define KCTX_PLAIN_CALLS
#endif
#include <kctx/api/interrupt.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct port_lock : spinlock_t {};

struct port {
    port_lock lock;
    mutex config;
    int sent KCTX_GUARDED_BY(lock) = 0;
};

struct request {
    ProcessCtx made_in;
    port *to;
};

#if CASE < 18
void send(ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    KCTX_SPIN_LOCK(ctx, p->lock) {
        ++p->sent;
    }
    msleep(ctx, 1);
}
#endif

// case 1 *: a call in a context that does not allow it
#if CASE == 1
void reset(IrqCtx ctx) { msleep(ctx, 10); }

// case 2: a call in a section that does not allow it
#elif CASE == 2
void reset(ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    KCTX_SPIN_LOCK(ctx, p->lock) {
        msleep(ctx, 10);
    }
}

// case 3: a handler that is registered for another context
#elif CASE == 3
irqreturn_t isr(ProcessCtx ctx, int, void *) KCTX_MAY_SLEEP
{
    msleep(ctx, 10);
    return IRQ_HANDLED;
}
int probe(ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    return request_irq(ctx, 5, handler<isr>, IRQF_SHARED, "port", p);
}

// case 4 *: memory that is used, or dropped, before it was checked
#elif CASE == 4
char *name(ProcessCtx ctx) KCTX_MAY_SLEEP { return kmalloc(ctx, 16, GFP_KERNEL); }

// case 5: a size beyond all limits, `size_c<n>`
#elif CASE == 5
bool ring(ProcessCtx ctx) KCTX_MAY_SLEEP
{
    return static_cast<bool>(kmalloc(ctx, size_c<8 << 20>, GFP_KERNEL));
}

// case 6 *: a size beyond all limits, a plain constant
#elif CASE == 6
bool ring(ProcessCtx ctx) KCTX_MAY_SLEEP
{
    return static_cast<bool>(kmalloc(ctx, 8 << 20, GFP_KERNEL));
}

// case 7: a size beyond all limits, known at run time only
#elif CASE == 7
bool ring(ProcessCtx ctx, size_t size) KCTX_MAY_SLEEP
{
    return static_cast<bool>(kmalloc(ctx, size < 8 << 20 ? 8 << 20 : size, GFP_KERNEL));
}

// case 8 *: the token from outside a section, used in it under another name
#elif CASE == 8
void reset(ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    const auto outside = ctx;
    KCTX_SPIN_LOCK(ctx, p->lock) {
        msleep(outside, 10);
    }
}

// case 9: the token from outside a section, given to a function that sleeps
#elif CASE == 9
void reset(ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    const auto outside = ctx;
    KCTX_SPIN_LOCK(ctx, p->lock) {
        send(outside, p);
    }
}

// case 10 *: the token from before `spin_lock()`, used before `spin_unlock()`
#elif CASE == 10
void reset(ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    const auto locked = spin_lock(ctx, &p->lock);
    msleep(ctx, 10);
    spin_unlock(locked, &p->lock);
}

// case 11 *: a lock that is not given back
#elif CASE == 11
void reset(ProcessCtx ctx, port *p) KCTX_MAY_LOCK { (void)spin_lock(ctx, &p->lock); }

// case 12 *: data touched without its lock (`KCTX_GUARDED_BY`)
#elif CASE == 12
void reset(ProcessCtx, port *p) { p->sent = 0; }

// case 13: the body of a lambda that uses a token from outside the section it is made in
#elif CASE == 13
void reset(ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    const auto outside = ctx;
    KCTX_SPIN_LOCK(ctx, p->lock) {
        [outside] { msleep(outside, 10); }();
    }
}

// case 14 *: a closure with a token inside, made before a section and called in it
#elif CASE == 14
void reset(ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    const auto wait = [ctx] { msleep(ctx, 10); };
    KCTX_SPIN_LOCK(ctx, p->lock) {
        wait();
    }
}

// case 15: a token that is put away in a structure, and used by a function called in a section
#elif CASE == 15
void complete(request *r) { send(r->made_in, r->to); }
void reset(ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    request r{ctx, p};
    KCTX_SPIN_LOCK(ctx, p->lock) {
        complete(&r);
    }
}

// case 16: a closure that sleeps, called through a pointer to function
#elif CASE == 16
void call(void (*wait)(ProcessCtx), ProcessCtx ctx, port *p) KCTX_MAY_SLEEP
{
    const auto outside = ctx;
    KCTX_SPIN_LOCK(ctx, p->lock) {
        wait(outside);
    }
}

// case 17 *: a token made by decree, `assume_context<ProcessCtx>("...")`
#elif CASE == 17
void reset(IrqCtx) KCTX_MAY_SLEEP { msleep(assume_context<ProcessCtx>("it is known"), 10); }

// case 18 *: plain functions without tokens (`KCTX_PLAIN_CALLS`)
#elif CASE == 18
static void wait() { msleep(10); }
static void reset() { wait(); }
static irqreturn_t isr(int, void *)
{
    reset();
    return IRQ_HANDLED;
}
int probe(port *p) { return request_irq(5, handler<isr>, IRQF_SHARED, "port", p); }

// case 19: a plain function that allocates with GFP_KERNEL
#elif CASE == 19
static bool grow() { return static_cast<bool>(kmalloc(64, GFP_KERNEL)); }
static irqreturn_t isr(int, void *) { return grow() ? IRQ_HANDLED : IRQ_NONE; }
int probe(port *p) { return request_irq(5, handler<isr>, IRQF_SHARED, "port", p); }

// case 20: a plain function with `new` in it
#elif CASE == 20
static irqreturn_t isr(int, void *dev)
{
    *static_cast<int **>(dev) = new int;
    return IRQ_HANDLED;
}
int probe(port *p) { return request_irq(5, handler<isr>, IRQF_SHARED, "port", p); }

// case 21: a plain function that sleeps, behind a pointer
#elif CASE == 21
struct operations {
    void (*reset)();
};
static irqreturn_t isr(int, void *dev)
{
    static_cast<operations *>(dev)->reset();
    return IRQ_HANDLED;
}
int probe(operations *o) { return request_irq(5, handler<isr>, IRQF_SHARED, "port", o); }

// case 22: a plain function of another file, without an attribute
#elif CASE == 22
void reset();
static irqreturn_t isr(int, void *)
{
    reset();
    return IRQ_HANDLED;
}
int probe(port *p) { return request_irq(5, handler<isr>, IRQF_SHARED, "port", p); }

// case 23: plain code that sleeps between `spin_lock()` and `spin_unlock()`
#elif CASE == 23
void reset(port *p)
{
    spin_lock(&p->lock);
    msleep(10);
    spin_unlock(&p->lock);
}
#endif
