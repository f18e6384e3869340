// SPDX-License-Identifier: BSL-1.0
// Locks that are taken if they are free, and what is done if they are not; conditional locking.
#include <kctx/api/completion.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/mm.hpp>
#include <kctx/api/sched.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rwsem.hpp>
#include <kctx/lock/semaphore.hpp>
#include <kctx/lock/spinlock_irq.hpp>
#include <kctx/lock/trylock.hpp>

using namespace kctx;

namespace console {
struct port_lock : spinlock_t {};
struct port {
    port_lock lock;
    unsigned long written KCTX_GUARDED_BY(lock) = 0;
    unsigned long lost = 0;
};

// idiom: the lock is tried where its owner may be what crashed -- drivers/tty/serial/8250/8250_port.c, serial8250_console_write
void write_in_panic(HardIrqCtx ctx, port *p, unsigned long n)
{
    KCTX_SPIN_TRYLOCK(ctx, p->lock) {
        p->written += n;
    } else {
        p->lost += n;
    }
}

// idiom: try, and give up without an else -- kernel/rcu/tree.c, rcu_force_quiescent_state
irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<port *>(dev);
    write_in_panic(ctx, p, 1);
    KCTX_SPIN_TRYLOCK(ctx, p->lock) {
        p->written = 0;
    }
    return IRQ_HANDLED;
}
int setup(ProcessCtx ctx, port *p)
{
    return request_irq(ctx, 4, handler<isr>, IRQF_NO_THREAD, "console", p);
}

// idiom: a few tries, then the waiting form -- kernel/rcu/tree_nocb.h, rcu_nocb_bypass_lock
void write(ProcessCtx ctx, port *p, unsigned long n)
{
    for (int tries = 0; tries < 3; tries++) {
        KCTX_SPIN_TRYLOCK(ctx, p->lock) {
            p->written += n;
            return;
        }
        udelay(1);
    }
    KCTX_SPIN_LOCK(ctx, p->lock) {
        p->written += n;
    }
}

// idiom: the trylock of ported code, an if around it -- kernel/rcu/tree.c, note_gp_changes
void try_write(TimerCtx ctx, port *p)
{
    if (auto locked = spin_trylock(ctx, &p->lock)) {
        p->written++;
        spin_unlock(*locked, &p->lock);
    }
}
void on_timer(TimerCtx ctx, timer_list *) { try_write(ctx, nullptr); }
void setup_timer(timer_list *t) { timer_setup(t, handler<on_timer>, 0); }
} // namespace console

namespace watchdog {
struct watchdog_lock : raw_spinlock_t {};
struct watchdog {
    watchdog_lock lock;
    int stalls KCTX_GUARDED_BY(lock) = 0;
};

// idiom: a raw lock is tried in an NMI -- arch/x86/kernel/nmi.c, default_do_nmi
void nmi(NmiCtx ctx, watchdog *w)
{
    KCTX_RAW_SPIN_TRYLOCK(ctx, w->lock) {
        w->stalls++;
    }
}

// idiom: a trylock under a raw lock, where waiting is out of the question -- kernel/rcu/tree_stall.h, rcu_check_gp_start_stall
void stall(HardIrqCtx ctx, watchdog *w, watchdog *parent)
{
    KCTX_RAW_SPIN_LOCK(ctx, w->lock) {
        w->stalls++;
        KCTX_RAW_SPIN_TRYLOCK(ctx, parent->lock) {
            parent->stalls++;
        }
    }
}
} // namespace watchdog

namespace fault {
struct mm_lock : rw_semaphore {};
struct space {
    mm_lock lock;
    int faults = 0;
    int pages KCTX_GUARDED_BY(lock) = 0;
};

// idiom: a fault from the kernel tries the semaphore first -- arch/x86/mm/fault.c, do_user_addr_fault
int fault(SyscallCtx ctx, space *s)
{
    KCTX_DOWN_READ_TRYLOCK(ctx, s->lock) {
        return s->pages;
    }
    s->faults++;
    KCTX_DOWN_READ(ctx, s->lock) {
        return s->pages;
    }
    return 0;
}

// idiom: memory reclaim only tries the semaphore -- fs/super.c, super_cache_scan
int scan(KthreadCtx ctx, space *s)
{
    KCTX_DOWN_READ_TRYLOCK(ctx, s->lock) {
        return s->pages;
    } else {
        return -EBUSY;
    }
}

// idiom: the writer of a semaphore is tried -- fs/ceph/snap.c, ceph_put_snap_realm
bool grow(SyscallCtx ctx, space *s)
{
    KCTX_DOWN_WRITE_TRYLOCK(ctx, s->lock) {
        s->pages++;
        return true;
    }
    return false;
}

// idiom: mmap_lock is tried, or the work is left to a work item -- kernel/bpf/stackmap.c, stack_map_get_build_id_offset
bool peek(IrqCtx ctx, mm_struct *mm, work_struct *later)
{
    if (!mmap_read_trylock(ctx, mm)) {
        schedule_work(ctx, later);
        return false;
    }
    mmap_read_unlock(ctx, mm);
    return true;
}
} // namespace fault

namespace slots {
// idiom: a semaphore counts free slots, an interrupt gives one back -- drivers/net/ethernet/mellanox/mlx5/core/cmd.c, mlx5_cmd_comp_handler
irqreturn_t slot_free(HardIrqCtx ctx, int, void *dev)
{
    up(ctx, static_cast<semaphore *>(dev));
    return IRQ_HANDLED;
}
int take_slot(SyscallCtx ctx, semaphore *slots) { return down_interruptible(ctx, slots); }
int setup(ProcessCtx ctx, semaphore *slots)
{
    sema_init(slots, 4);
    return request_irq(ctx, 5, handler<slot_free>, IRQF_NO_THREAD, "slots", slots);
}

// idiom: down_trylock() in an interrupt, which returns 0 for taken -- net/core/netpoll.c, netpoll_poll_dev
bool take_slot_now(IrqCtx ctx, semaphore *slots) { return down_trylock(ctx, slots) == 0; }
} // namespace slots

namespace conditional {
struct state_lock : spinlock_t {};
struct state {
    state_lock lock;
    int users = 0;
};

// idiom: who holds the lock calls the inner function, who does not the outer one -- drivers/base/power/runtime.c, pm_runtime_barrier and __pm_runtime_barrier
template <context C> int users_locked(SpinLockedIrqsave<state_lock, C>, state *s)
{
    return ++s->users;
}
template <context C> int users(C ctx, state *s)
{
    unsigned long flags;
    auto locked = spin_lock_irqsave(ctx, &s->lock, flags);
    const int n = users_locked(locked, s);
    spin_unlock_irqrestore(locked, &s->lock, flags);
    return n;
}
int open(SyscallCtx ctx, state *s) { return users(ctx, s); }

// idiom: one object, a mutex or a spinlock by what its kind may do -- sound/core/pcm_native.c, snd_pcm_group_lock
struct slow_lock : mutex {};
struct group {
    slow_lock mutex;
    state fast;
    bool nonatomic;
};
void change(ProcessCtx ctx, group *g)
{
    if (g->nonatomic) {
        KCTX_MUTEX_LOCK(ctx, g->mutex) {
            g->fast.users--;
        }
    } else {
        KCTX_SPIN_LOCK_IRQ(ctx, g->fast.lock) {
            g->fast.users--;
        }
    }
}

// idiom: lock only if there is something to do -- mm/page_alloc.c, drain_zone_pages
void drain(WorkCtx ctx, state *s)
{
    if (__atomic_load_n(&s->users, __ATOMIC_RELAXED) == 0)
        return;
    KCTX_SPIN_LOCK_IRQ(ctx, s->lock) {
        s->users = 0;
    }
    cond_resched(ctx);
}

// idiom: a counter reaches zero under the lock or not at all -- lib/dec_and_lock.c, _atomic_dec_and_lock
bool put(ProcessCtx ctx, state *s, int *count)
{
    int old = __atomic_load_n(count, __ATOMIC_RELAXED);
    while (old > 1) {
        if (__atomic_compare_exchange_n(count, &old, old - 1, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED))
            return false;
    }
    KCTX_SPIN_LOCK(ctx, s->lock) {
        return __atomic_sub_fetch(count, 1, __ATOMIC_ACQ_REL) == 0;
    }
    return false;
}
} // namespace conditional
