// SPDX-License-Identifier: BSL-1.0
// What belongs to one CPU: counters, local_lock_t, and staying where one is.
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/percpu.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/local_lock.hpp>
#include <kctx/lock/percpu_rwsem.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

namespace stats {
struct counters {
    unsigned long packets;
    unsigned long bytes;
};
per_cpu<unsigned long> events;
per_cpu<counters> port_counters;

// idiom: one instruction on this CPU's counter, in any context -- mm/vmstat.c, refresh_cpu_vm_stats
void count() { this_cpu_inc(events); }
irqreturn_t isr(IrqCtx, int, void *)
{
    count();
    return IRQ_HANDLED;
}
int setup(ProcessCtx ctx) { return request_irq(ctx, 12, handler<isr>, IRQF_SHARED, "s", &events); }

// idiom: several fields of this CPU's copy, with preemption off -- lib/percpu_counter.c, percpu_counter_add_batch
void add(SyscallCtx ctx, unsigned long n)
{
    KCTX_PREEMPT_DISABLE(ctx) {
        counters *c = this_cpu_ptr(ctx, &port_counters);
        c->packets++;
        c->bytes += n;
    }
}

// idiom: a softirq stays on its CPU anyway -- net/core/dev.c, net_rx_action
void add_in_softirq(SoftirqCtx ctx, unsigned long n)
{
    counters *c = this_cpu_ptr(ctx, &port_counters);
    c->packets++;
    c->bytes += n;
}

// idiom: get_cpu() and put_cpu() around the number of this CPU -- block/blk-stat.c, blk_stat_add
int which(SyscallCtx ctx)
{
    int cpu;
    auto held = get_cpu(ctx, cpu);
    const int n = cpu;
    put_cpu(held, cpu);
    return n;
}

// idiom: migrate_disable(), where a spinlock_t is to be taken -- kernel/bpf/trampoline.c, __bpf_prog_enter_recur
struct lock : spinlock_t {};
void pinned(SyscallCtx ctx, lock *l)
{
    KCTX_MIGRATE_DISABLE(ctx) {
        counters *c = this_cpu_ptr(ctx, &port_counters);
        KCTX_SPIN_LOCK(ctx, *l) {
            c->packets++;
        }
    }
}

// idiom: migrate_disable() lets the task sleep -- kernel/bpf/trampoline.c, __bpf_prog_enter_sleepable
void pinned_and_asleep(WorkCtx ctx)
{
    KCTX_MIGRATE_DISABLE(ctx) {
        msleep(ctx, 1);
        this_cpu_ptr(ctx, &port_counters)->packets = 0;
    }
}

// idiom: any CPU will do: raw_smp_processor_id() -- net/core/dev.c, netdev_pick_tx
int hint() { return raw_smp_processor_id() & 3; }

// idiom: the sum over all CPUs, without any lock -- mm/vmstat.c, sum_vm_events
unsigned long total()
{
    unsigned long n = 0;
    for (int cpu = 0; cpu < 4; cpu++)
        n += per_cpu_ptr(&port_counters, cpu)->packets;
    return n;
}

// idiom: interrupts off for what a handler changes as well -- kernel/softirq.c, __tasklet_schedule_common
void reset(ProcessCtx ctx)
{
    KCTX_LOCAL_IRQ_SAVE(ctx) {
        this_cpu_ptr(ctx, &port_counters)->packets = 0;
    }
}

// idiom: bottom halves off for what a softirq changes as well -- net/core/dev.c, netif_rx
void reset_bh(SyscallCtx ctx)
{
    KCTX_LOCAL_BH_DISABLE(ctx) {
        this_cpu_ptr(ctx, &port_counters)->bytes = 0;
    }
}

// idiom: copies made at run time -- net/core/neighbour.c, neigh_table_init
int make(ProcessCtx ctx, per_cpu<counters> *&made)
{
    made = KCTX_TRY(alloc_percpu(ctx, counters), return -ENOMEM);
    return 0;
}

// idiom: copies made where one must not wait -- net/core/dev.c, netdev_core_stats_alloc
int make_atomic(SoftirqCtx ctx, per_cpu<counters> *&made)
{
    made = KCTX_TRY(alloc_percpu_gfp(ctx, counters, GFP_NOWAIT | __GFP_NOWARN), return -ENOMEM);
    free_percpu(ctx, made);
    return 0;
}
} // namespace stats

namespace caches {
struct fbatch_lock : local_lock_t {};
struct batch {
    fbatch_lock lock;
    page *pages[15];
    unsigned int n;
};
per_cpu<batch> batches;
struct crng_lock : local_lock_t {};
crng_lock crng;

// idiom: a local_lock_t around this CPU's batch -- mm/swap.c, folio_add_lru
void add(SyscallCtx ctx, fbatch_lock *lock, page *p)
{
    KCTX_LOCAL_LOCK(ctx, *lock) {
        batch *b = this_cpu_ptr(ctx, &batches);
        if (b->n < 15)
            b->pages[b->n++] = p;
    }
}

// idiom: local_lock_irqsave() for what handlers use as well -- drivers/char/random.c, crng_make_state
void make_state(SyscallCtx ctx)
{
    KCTX_LOCAL_LOCK_IRQSAVE(ctx, crng) {
        this_cpu_inc(stats::events);
    }
}

// idiom: memory is freed under a local_lock_t, which no raw section is -- mm/slub.c, ___slab_alloc
void drain(WorkCtx ctx, fbatch_lock *lock)
{
    KCTX_LOCAL_LOCK(ctx, *lock) {
        batch *b = this_cpu_ptr(ctx, &batches);
        while (b->n > 0)
            __free_page(ctx, b->pages[--b->n]);
    }
}

// idiom: in a system call a spinlock_t inside a local_lock_t -- mm/slub.c, put_cpu_partial
struct node_lock : spinlock_t {};
void put_partial(SyscallCtx ctx, fbatch_lock *lock, node_lock *node)
{
    KCTX_LOCAL_LOCK_IRQSAVE(ctx, *lock) {
        KCTX_SPIN_LOCK(ctx, *node) {
            this_cpu_ptr(ctx, &batches)->n = 0;
        }
    }
}
} // namespace caches

namespace freeze {
struct writers : percpu_rw_semaphore {};
struct super {
    writers level;
    int dirty = 0;
};

// idiom: a cheap reader that may sleep -- include/linux/fs.h, __sb_start_write
int write(SyscallCtx ctx, super *s)
{
    KCTX_PERCPU_DOWN_READ(ctx, s->level) {
        s->dirty++;
        msleep(ctx, 1);
    }
    return 0;
}

// idiom: its writer waits for all readers -- fs/super.c, sb_wait_write
void freeze(SyscallCtx ctx, super *s)
{
    KCTX_PERCPU_DOWN_WRITE(ctx, s->level) {
        s->dirty = 0;
    }
}

// idiom: who must not wait for the writer tries -- include/linux/fs.h, __sb_start_write_trylock
bool try_write(KthreadCtx ctx, super *s)
{
    KCTX_PERCPU_DOWN_READ_TRYLOCK(ctx, s->level) {
        s->dirty++;
        return true;
    }
    return false;
}

// idiom: no CPU comes or goes while all are visited -- kernel/workqueue.c, schedule_on_each_cpu
unsigned long visit(SyscallCtx ctx)
{
    unsigned long n = 0;
    KCTX_CPUS_READ_LOCK(ctx) {
        n = stats::total();
        msleep(ctx, 1);
    }
    return n;
}
} // namespace freeze
