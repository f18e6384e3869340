// SPDX-License-Identifier: BSL-1.0
// Sections that are raw on every kernel: raw_spinlock_t, bit spinlocks, preemption and interrupts
// off; and what is legal in them.
#include <kctx/api/completion.hpp>
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/hwspinlock.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/irq_work.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/kfifo.hpp>
#include <kctx/api/pci.hpp>
#include <kctx/api/percpu.hpp>
#include <kctx/api/sched.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bit_spinlock.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/closure.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rcu.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace irq_core {
struct desc_lock : raw_spinlock_t {};
struct chip_lock : raw_spinlock_t {};
struct desc {
    desc_lock lock;
    chip_lock chip;
    iomem *base;
    int depth KCTX_GUARDED_BY(lock) = 0;
    work_struct slow;
    task_struct *thread = nullptr;
    timer_list poll;
    irq_work wake;
};

// idiom: one raw lock inside another, interrupts off by the first -- kernel/irq/manage.c, __disable_irq_nosync
void disable(ProcessCtx ctx, desc *d)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, d->lock) {
        if (d->depth++ == 0) {
            KCTX_RAW_SPIN_LOCK(ctx, d->chip) {
                writel(1, d->base);
            }
        }
    }
}

// idiom: a raw lock inside a spinlock_t, never the other way round -- kernel/sched/wait.c, __wake_up_common_lock
struct source_lock : spinlock_t {};
void deactivate(TimerCtx ctx, source_lock *source, desc *d)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, *source) {
        KCTX_RAW_SPIN_LOCK(ctx, d->lock) {
            d->depth--;
        }
    }
}

// idiom: a task is woken under a raw lock -- kernel/locking/mutex.c, __mutex_unlock_slowpath
void wake(ProcessCtx ctx, desc *d)
{
    KCTX_RAW_SPIN_LOCK_IRQ(ctx, d->lock) {
        wake_up_process(ctx, d->thread);
    }
}

// idiom: work is queued and a timer armed under a raw lock -- kernel/rcu/tree_nocb.h, wake_nocb_gp_defer
void queue(IrqCtx ctx, desc *d)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, d->lock) {
        schedule_work(ctx, &d->slow);
        mod_timer(ctx, &d->poll, jiffies + 1);
    }
}

// idiom: call_rcu() under a raw lock -- mm/slub.c, free_slab
struct old_desc {
    rcu_head rcu;
};
void free_old(RcuCallbackCtx ctx, rcu_head *head) { kfree(ctx, head); }
void replace(ProcessCtx ctx, desc *d, old_desc *old)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, d->lock) {
        call_rcu(ctx, &old->rcu, free_old);
    }
}

// idiom: an RCU reader inside a raw section -- kernel/sched/core.c, ttwu_stat
int reader(TimerCtx ctx, desc *d, int *const &shared)
{
    KCTX_RAW_SPIN_LOCK(ctx, d->lock) {
        KCTX_RCU_READ_LOCK(ctx) {
            const int *p = rcu_dereference(ctx, shared);
            return p ? *p : d->depth;
        }
    }
    return 0;
}

// idiom: registers are read in a bounded loop under a raw lock -- drivers/clk/qcom/clk-alpha-pll.c, wait_for_pll
int poll_register(ProcessCtx ctx, desc *d)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, d->chip) {
        for (int i = 0; i < 100; i++) {
            if ((readl(d->base) & 1) != 0)
                return 0;
            udelay(1);
        }
    }
    return -ETIMEDOUT;
}

// idiom: PCI configuration is accessed in any context but NMI -- drivers/pci/access.c, pci_bus_read_config_dword
u32 config(IrqCtx ctx, const pci_dev *dev)
{
    u32 value = 0;
    pci_read_config_dword(ctx, dev, 0, &value);
    return value;
}
irqreturn_t config_isr(IrqCtx ctx, int, void *dev)
{
    return config(ctx, static_cast<const pci_dev *>(dev)) != 0 ? IRQ_HANDLED : IRQ_NONE;
}
int setup(ProcessCtx ctx, pci_dev *dev)
{
    pci_set_master(ctx, dev);
    return request_irq(ctx, dev->irq, handler<config_isr>, IRQF_SHARED, "config", dev);
}

// idiom: a lock shared with another processor, in a raw section of one's own -- drivers/hwspinlock/hwspinlock_core.c, __hwspin_lock_timeout
int shared_register(ProcessCtx ctx, hwspinlock *lock, desc *d)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, d->chip) {
        if (const int error = hwspin_lock_timeout_in_atomic(ctx, lock, 1); error != 0)
            return error;
        writel(2, d->base);
        hwspin_unlock_in_atomic(ctx, lock);
    }
    return 0;
}

// idiom: the closure form: nothing from outside but the data -- kernel/irq/internals.h, irq_get_desc_lock
int closure(ProcessCtx ctx, desc *d)
{
    return with<RawSpinLockedIrqsave>(
        ctx, &d->lock,
        [](auto inner, desc &inside) {
            wake_up_process(inner, inside.thread);
            return 1;
        },
        *d);
}

// idiom: nested preempt_disable() and local_irq_save() -- kernel/smp.c, smp_call_function_single
int nested(SyscallCtx ctx)
{
    KCTX_PREEMPT_DISABLE(ctx) {
        KCTX_LOCAL_IRQ_SAVE(ctx) {
            return smp_processor_id(ctx);
        }
    }
    return 0;
}

// idiom: bottom halves off around a raw lock -- net/core/dev.c, flush_backlog
void bh_then_raw(WorkCtx ctx, desc *d)
{
    KCTX_LOCAL_BH_DISABLE(ctx) {
        KCTX_RAW_SPIN_LOCK(ctx, d->lock) {
            d->depth = 0;
        }
    }
}

// idiom: a ring buffer for one reader and one writer needs no lock -- drivers/iio/buffer/kfifo_buf.c, iio_store_to_kfifo
kfifo<int, 16> samples;
irqreturn_t sample(HardIrqCtx, int irq, void *)
{
    kfifo_put(&samples, irq);
    return IRQ_HANDLED;
}
int setup_sample(ProcessCtx ctx)
{
    return request_irq(ctx, 18, handler<sample>, IRQF_NO_THREAD, "sample", &samples);
}
} // namespace irq_core

namespace bits {
struct head {
    unsigned long flags = 0;
    int length = 0;
};

// idiom: a bit of a word as a lock -- fs/jbd2/journal.c, jbd2_journal_add_journal_head
void add(SyscallCtx ctx, head *h)
{
    KCTX_BIT_SPIN_LOCK(ctx, 0, h->flags) {
        h->length++;
    }
}

// idiom: a bit spinlock inside a spinlock_t -- fs/dcache.c, __d_drop
struct d_lock : spinlock_t {};
void drop(SyscallCtx ctx, d_lock *lock, head *h)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
        KCTX_BIT_SPIN_LOCK(ctx, 0, h->flags) {
            h->length--;
        }
    }
}

// idiom: the pair, and a trylock -- mm/slub.c, slab_lock
bool try_add(TimerCtx ctx, head *h)
{
    if (auto held = bit_spin_trylock(ctx, 1, &h->flags)) {
        h->length++;
        bit_spin_unlock(*held, 1, &h->flags);
        return true;
    }
    auto held = bit_spin_lock(ctx, 0, &h->flags);
    h->length++;
    bit_spin_unlock(held, 0, &h->flags);
    return false;
}
} // namespace bits
