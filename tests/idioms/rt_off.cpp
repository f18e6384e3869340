// SPDX-License-Identifier: BSL-1.0
// What is legal without PREEMPT_RT only: there a spinlock_t spins, and the allocator with it.
// RT OFF: with PREEMPT_RT a spinlock_t sleeps, and none may be taken in a raw section
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/percpu.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/smp.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/seqlock.hpp>

using namespace kctx;

struct list_lock : spinlock_t {};
struct table_lock : rwlock_t {};
struct port {
    list_lock lock;
    table_lock table;
    int events = 0;
    wait_queue_head_t waiters;
};

// idiom: interrupts off first, then the plain lock -- drivers/md/raid5-ppl.c, ppl_io_unit_finished
void finished(TimerCtx ctx, port *p)
{
    KCTX_LOCAL_IRQ_SAVE(ctx) {
        KCTX_SPIN_LOCK(ctx, p->lock) {
            p->events++;
        }
    }
}

// idiom: GFP_ATOMIC with preemption off -- kernel/scftorture.c, scftorture_invoke_one
int with_preemption_off(SyscallCtx ctx, int **out)
{
    KCTX_PREEMPT_DISABLE(ctx) {
        *out = KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_ATOMIC), return -ENOMEM);
    }
    return 0;
}

// idiom: get_cpu() around a spinlock -- drivers/char/hw_random/via-rng.c, via_rng_data_read
int on_this_cpu(SyscallCtx ctx, port *p)
{
    KCTX_GET_CPU(ctx) {
        KCTX_SPIN_LOCK(ctx, p->lock) {
            return p->events;
        }
    }
    return 0;
}

// idiom: a handler that is never threaded takes a spinlock_t -- drivers/thermal/intel/x86_pkg_temp_thermal.c, pkg_thermal_notify
irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    auto *p = static_cast<port *>(dev);
    KCTX_SPIN_LOCK(ctx, p->lock) {
        p->events++;
    }
    wake_up(ctx, &p->waiters);
    return IRQ_HANDLED;
}
int setup(ProcessCtx ctx, port *p)
{
    return request_irq(ctx, 22, handler<isr>, IRQF_NO_THREAD, "port", p);
}

// idiom: kfree() with interrupts off -- mm/slub.c, kfree
void drop(ProcessCtx ctx, void *object)
{
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        kfree(ctx, object);
    }
}

// idiom: a function on another CPU takes a spinlock_t -- kernel/profile.c, profile_tick and __profile_flip_buffers
void on_cpu(SmpCallCtx ctx, void *info)
{
    auto *p = static_cast<port *>(info);
    KCTX_SPIN_LOCK(ctx, p->lock) {
        p->events = 0;
    }
}
void everywhere(ProcessCtx ctx, port *p) { on_each_cpu(ctx, handler<on_cpu>, p, 1); }

// idiom: a rwlock read under a raw lock -- drivers/cpufreq/cpufreq.c, cpufreq_cpu_get
struct rq_lock : raw_spinlock_t {};
int policy(TimerCtx ctx, rq_lock *rq, port *p)
{
    KCTX_RAW_SPIN_LOCK(ctx, *rq) {
        KCTX_READ_LOCK_IRQSAVE(ctx, p->table) {
            return p->events;
        }
    }
    return 0;
}

// idiom: a seqcount_t written under a spinlock_t, which keeps preemption off -- include/linux/seqlock.h, write_seqcount_begin
struct stamp : seqcount_t {};
void write(ProcessCtx ctx, port *p, stamp *s)
{
    KCTX_SPIN_LOCK(ctx, p->lock) {
        KCTX_WRITE_SEQCOUNT(ctx, *s) {
            p->events++;
        }
    }
}

// idiom: a page of GFP_ATOMIC in a hard hrtimer -- mm/page_alloc.c, get_page_from_freelist
hrtimer_restart expired(HrtimerCtx<hard> ctx, hrtimer *)
{
    page *p = KCTX_TRY(alloc_page(ctx, GFP_ATOMIC), return HRTIMER_NORESTART);
    __free_page(ctx, p);
    return HRTIMER_RESTART;
}
void setup_timer(hrtimer *timer)
{
    hrtimer_setup(timer, handler<expired>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
}
