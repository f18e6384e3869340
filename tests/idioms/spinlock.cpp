// SPDX-License-Identifier: BSL-1.0
// spinlock_t: who shares it with whom, and how its sections nest.
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/nested.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace uart {
struct port_lock : spinlock_t {};
struct port {
    port_lock lock;
    iomem *base;
    u32 control KCTX_GUARDED_BY(lock);
    unsigned long overruns KCTX_GUARDED_BY(lock);
};

// idiom: a handler takes the plain form, interrupts being off -- drivers/tty/serial/8250/8250_core.c, serial8250_interrupt
irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<port *>(dev);
    KCTX_SPIN_LOCK(ctx, p->lock) {
        if ((readl(p->base) & 1) == 0)
            return IRQ_NONE;
        p->overruns++;
    }
    return IRQ_HANDLED;
}
int startup(ProcessCtx ctx, port *p, unsigned int irq)
{
    return request_irq(ctx, irq, handler<isr>, IRQF_SHARED, "uart", p);
}

// idiom: what a handler takes as well, a task takes with interrupts off -- drivers/tty/serial/8250/8250_port.c, serial8250_break_ctl
void break_ctl(SyscallCtx ctx, port *p, bool on)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        p->control = on ? p->control | 0x40 : p->control & ~0x40u;
        writel(p->control, p->base + 12);
    }
}

// idiom: irqsave in a handler, for helpers that tasks call, too -- drivers/ata/libata-sff.c, __ata_sff_interrupt
irqreturn_t other_isr(IrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<port *>(dev);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        writel(p->control, p->base + 12);
    }
    return IRQ_HANDLED;
}
int other_startup(ProcessCtx ctx, port *p, unsigned int irq)
{
    return request_irq(ctx, irq, handler<other_isr>, IRQF_SHARED, "uart", p);
}

// idiom: the pair with its flags, as ported code has it -- drivers/tty/serial/imx.c, imx_uart_break_ctl
void flush_buffer(ProcessCtx ctx, port *p)
{
    unsigned long flags;
    auto locked = spin_lock_irqsave(ctx, &p->lock, flags);
    p->control &= ~1u;
    spin_unlock_irqrestore(locked, &p->lock, flags);
}

// idiom: the lock is left for a while, and taken again -- drivers/tty/serial/amba-pl011.c, pl011_rx_chars
void push(IrqCtx ctx, port *p, wait_queue_head_t *readers)
{
    auto locked = spin_lock(ctx, &p->lock);
    p->overruns = 0;
    auto unlocked = spin_unlock(locked, &p->lock);
    wake_up_interruptible(unlocked, readers);
    auto again = spin_lock(unlocked, &p->lock);
    p->control |= 2;
    spin_unlock(again, &p->lock);
}
} // namespace uart

namespace fork {
struct tasklist_lock : spinlock_t {};
struct siglock : spinlock_t {};
struct group {
    tasklist_lock list;
    siglock signals;
    int threads KCTX_GUARDED_BY(list) = 0;
    int pending KCTX_GUARDED_BY(signals) = 0;
};

// idiom: interrupts off by the outer lock, the inner one in its plain form -- kernel/fork.c, copy_process
bool add_thread(SyscallCtx ctx, group *g)
{
    KCTX_SPIN_LOCK_IRQ(ctx, g->list) {
        KCTX_SPIN_LOCK(ctx, g->signals) {
            if (g->pending != 0)
                return false;
        }
        g->threads++;
    }
    return true;
}

// idiom: irqsave inside irqsave, for a helper that does not know its caller -- kernel/signal.c, do_send_sig_info
template <context C> void send(C ctx, group *g)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, g->signals) {
        g->pending++;
    }
}
void kill_all(SyscallCtx ctx, group *g)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, g->list) {
        send(ctx, g);
        g->threads = 0;
    }
    send(ctx, g);
}

// idiom: two locks released in the order in which they were taken -- kernel/exit.c, __exit_signal
void exit_thread(SyscallCtx ctx, group *g)
{
    auto outer = spin_lock_irq(ctx, &g->list);
    auto both = spin_lock(outer, &g->signals);
    g->pending = 0;
    auto list_only = spin_unlock(both, &g->signals);
    g->threads--;
    spin_unlock_irq(list_only, &g->list);
}
} // namespace fork

namespace softirq_shared {
struct stats_lock : spinlock_t {};
struct device_stats {
    stats_lock lock;
    unsigned long bytes KCTX_GUARDED_BY(lock) = 0;
    timer_list sample;
};

// idiom: a lock shared with a timer, the task turns bottom halves off -- net/bridge/br_if.c, br_add_if
unsigned long bytes_so_far(SyscallCtx ctx, device_stats *s)
{
    unsigned long n = 0;
    KCTX_SPIN_LOCK_BH(ctx, s->lock) {
        n = s->bytes;
    }
    return n;
}

// idiom: the timer itself takes it in its plain form -- net/bridge/br_stp_timer.c, br_hello_timer_expired
void sample(TimerCtx ctx, timer_list *timer)
{
    device_stats *s = container_of(timer, device_stats, sample);
    KCTX_SPIN_LOCK(ctx, s->lock) {
        s->bytes = 0;
    }
    mod_timer(ctx, timer, jiffies + 250);
}
void start(device_stats *s) { timer_setup(&s->sample, handler<sample>, 0); }

// idiom: a lock for each element, left by continue, break and return -- fs/drop_caches.c, drop_pagecache_sb
long first_busy(ProcessCtx ctx, device_stats *all, int n)
{
    for (int i = 0; i < n; i++) {
        KCTX_SPIN_LOCK_BH(ctx, all[i].lock) {
            if (all[i].bytes == 0)
                continue;
            if (all[i].bytes > 1000)
                break;
            return i;
        }
    }
    return -1;
}

// idiom: a value is read under the lock and acted on after it -- drivers/base/power/wakeup.c, pm_wakeup_pending
void report(WorkCtx ctx, device_stats *s)
{
    unsigned long n;
    KCTX_SPIN_LOCK_BH(ctx, s->lock) {
        n = s->bytes;
        s->bytes = 0;
    }
    if (n > 1000)
        msleep(ctx, 1);
}
} // namespace softirq_shared

namespace array_of_locks {
struct bucket_lock : spinlock_t {};
struct bucket {
    bucket_lock lock;
    int length KCTX_GUARDED_BY(lock) = 0;
};

// idiom: one lock for each bucket of a table -- kernel/futex/core.c, futex_q_lock
void insert(ProcessCtx ctx, bucket (&table)[16], unsigned int hash)
{
    bucket *b = &table[hash % 16];
    KCTX_SPIN_LOCK(ctx, b->lock) {
        b->length++;
    }
}

// idiom: two locks of one kind, in the order of their addresses -- kernel/futex/futex.h, double_lock_hb
void move_one(ProcessCtx ctx, bucket *from, bucket *to)
{
    bucket *first = from < to ? from : to;
    bucket *second = from < to ? to : from;
    KCTX_SPIN_LOCK(ctx, first->lock) {
        KCTX_SPIN_LOCK_NESTED(ctx, second->lock, 1) {
            first->length += first == from ? -1 : 1;
            second->length += second == from ? -1 : 1;
        }
    }
}
} // namespace array_of_locks
