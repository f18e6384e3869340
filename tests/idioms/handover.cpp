// SPDX-License-Identifier: BSL-1.0
// Locks that one function takes and another one gives back, in whatever order.
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/handover.hpp>
#include <kctx/lock/nested.hpp>
#include <kctx/lock/out_of_order.hpp>
#include <kctx/lock/spinlock_irq.hpp>
#include <kctx/lock/trylock.hpp>

using namespace kctx;

namespace uart {
struct port_lock : spinlock_t {};
struct config_lock : mutex {};
struct port {
    port_lock lock;
    config_lock config;
    iomem *base;
    u32 control KCTX_GUARDED_BY(lock) = 0;
    int speed KCTX_GUARDED_BY(config) = 0;
};

// idiom: a helper for whoever holds the lock, in whatever context -- drivers/tty/serial/8250/8250_port.c, serial8250_set_mctrl
template <context C>
void set_control(SpinLockedIrqsave<port_lock, C>, port *p, u32 bits) KCTX_MUST_HOLD(p->lock)
{
    p->control |= bits;
    writel(p->control, p->base);
}
void in_timer(TimerCtx ctx, port *p)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        set_control(ctx, p, 1);
    }
}
void in_syscall(SyscallCtx ctx, port *p)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        set_control(ctx, p, 2);
    }
}

// idiom: a helper under a mutex, which may sleep -- drivers/tty/serial/serial_core.c, uart_shutdown
template <context C>
int set_speed(MutexLocked<config_lock, C> ctx, port *p, int speed) KCTX_MUST_HOLD(p->config)
{
    p->speed = speed;
    msleep(ctx, 1);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        set_control(ctx, p, 4);
    }
    return 0;
}
int change_speed(SyscallCtx ctx, port *p)
{
    KCTX_MUTEX_LOCK(ctx, p->config) {
        return set_speed(ctx, p, 9600);
    }
    return 0;
}

// idiom: the callee gives the lock back, and the caller may sleep again -- drivers/usb/core/hcd.c, usb_hcd_flush_endpoint
template <context C>
C finish(SpinLocked<port_lock, C> ctx, port *p) KCTX_LEAVES(p->lock, SpinLocked<port_lock, C>)
{
    p->control = 0;
    return spin_unlock(ctx, &p->lock);
}
void stop(WorkCtx ctx, port *p)
{
    auto locked = spin_lock(ctx, &p->lock);
    p->control |= 8;
    auto unlocked = finish(locked, p);
    msleep(unlocked, 1);
}

// idiom: a function that returns with the lock held -- mm/memory.c, get_locked_pte
template <context C> auto begin(C ctx, port *p) KCTX_ENTERS(p->lock, SpinLocked<port_lock, C>)
{
    udelay(1);
    return spin_lock(ctx, &p->lock);
}
void begin_and_end(WorkCtx ctx, port *p)
{
    auto locked = begin(ctx, p);
    p->control = 1;
    spin_unlock(locked, &p->lock);
}

// idiom: a look-up that returns with the object locked, or with nothing -- kernel/time/posix-timers.c, __lock_timer
template <context C>
const SpinLocked<port_lock, C> *find(C ctx, port *p)
    KCTX_MAY_ENTER(p->lock, SpinLocked<port_lock, C>)
{
    return p ? spin_trylock(ctx, &p->lock) : nullptr;
}
int found(SyscallCtx ctx, port *p)
{
    if (auto locked = find(ctx, p)) {
        p->control = 2;
        spin_unlock(*locked, &p->lock);
        return 0;
    }
    msleep(ctx, 1);
    return -ENOENT;
}

// idiom: the lock is dropped in a helper for a callback, and taken again -- drivers/usb/gadget/udc/core.c, usb_gadget_giveback_request
template <context C>
SpinLocked<port_lock, C> give_back(SpinLocked<port_lock, C> ctx, port *p, void (*done)(port *))
    KCTX_MUST_HOLD(p->lock, SpinLocked<port_lock, C>)
{
    auto unlocked = spin_unlock(ctx, &p->lock);
    done(p);
    return spin_lock(unlocked, &p->lock);
}
void give_all_back(WorkCtx ctx, port *p, void (*done)(port *))
{
    auto locked = spin_lock(ctx, &p->lock);
    for (int i = 0; i < 3; i++)
        locked = give_back(locked, p, done);
    p->control = 0;
    spin_unlock(locked, &p->lock);
}
} // namespace uart

namespace dentry {
struct d_lock : spinlock_t {};
struct mount_lock : spinlock_t {};
struct dentry {
    d_lock lock;
    dentry *parent;
    int count KCTX_GUARDED_BY(lock) = 0;
};
struct mount {
    mount_lock lock;
    dentry root;
    int users KCTX_GUARDED_BY(lock) = 0;
    rcu_head rcu;
};

// idiom: hand over hand: the child is locked before the parent is left -- fs/dcache.c, d_walk
int first_step(SyscallCtx ctx, dentry *parent, dentry *child)
{
    auto outer = spin_lock(ctx, &parent->lock);
    parent->count++;
    auto both = spin_lock_nested(outer, &child->lock, 1);
    auto inner = spin_unlock(both, &parent->lock);
    const int n = ++child->count;
    spin_unlock(inner, &child->lock);
    return n;
}

// idiom: hand over hand between two kinds of locks -- fs/fs-writeback.c, writeback_sb_inodes
int into_mount(SyscallCtx ctx, mount *m)
{
    auto outer = spin_lock(ctx, &m->lock);
    m->users++;
    auto both = spin_lock(outer, &m->root.lock);
    auto inner = spin_unlock(both, &m->lock);
    const int n = ++m->root.count;
    spin_unlock(inner, &m->root.lock);
    return n;
}

// idiom: interrupts off by the first lock, on again by the last -- kernel/locking/rtmutex.c, rt_mutex_adjust_prio_chain
int into_mount_irqsave(SyscallCtx ctx, mount *m)
{
    unsigned long flags;
    auto outer = spin_lock_irqsave(ctx, &m->lock, flags);
    auto both = spin_lock(outer, &m->root.lock);
    auto inner = spin_unlock(both, &m->lock);
    const int n = ++m->root.count;
    spin_unlock_irqrestore(inner, &m->root.lock, flags);
    return n;
}

// idiom: found as a reader, locked, and held after the reader is left -- kernel/signal.c, __lock_task_sighand
int lock_found(SyscallCtx ctx, mount *const &shared)
{
    unsigned long flags;
    auto reader = rcu_read_lock(ctx);
    mount *m = rcu_dereference(reader, shared);
    auto both = spin_lock_irqsave(reader, &m->lock, flags);
    auto locked = rcu_read_unlock(both);
    const int n = ++m->users;
    auto unlocked = spin_unlock_irqrestore(locked, &m->lock, flags);
    msleep(unlocked, 1);
    return n;
}

// idiom: a mutex taken under another one, which is left at once -- drivers/tty/tty_io.c, tty_open_by_driver
struct list_mutex : mutex {};
struct entry_mutex : mutex {};
void lock_entry(ProcessCtx ctx, list_mutex *list, entry_mutex *entry)
{
    auto outer = mutex_lock(ctx, list);
    auto both = mutex_lock(outer, entry);
    auto inner = mutex_unlock(both, list);
    msleep(inner, 1);
    mutex_unlock(inner, entry);
}
} // namespace dentry
