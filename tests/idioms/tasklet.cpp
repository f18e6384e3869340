// SPDX-License-Identifier: BSL-1.0
// Tasklets, irq_work, functions on other CPUs, stop_machine().
#include <kctx/api/completion.hpp>
#include <kctx/api/dmaengine.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/irq_work.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/percpu.hpp>
#include <kctx/api/smp.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace dma {
struct chan_lock : spinlock_t {};
struct chan {
    chan_lock lock;
    int completed KCTX_GUARDED_BY(lock) = 0;
    iomem *base;
    tasklet_struct task;
    wait_queue_head_t waiters;
    u8 *buffer = nullptr;
};

// idiom: the handler schedules a tasklet -- drivers/net/wireless/ath/ath9k/main.c, ath_isr
irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<chan *>(dev);
    writel(0, c->base);
    tasklet_schedule(ctx, &c->task);
    return IRQ_HANDLED;
}

// idiom: the tasklet takes the lock and works off what has come -- drivers/dma/virt-dma.c, vchan_complete
void complete_chan(TaskletCtx ctx, tasklet_struct *t)
{
    chan *c = container_of(t, chan, task);
    int done = 0;
    KCTX_SPIN_LOCK_IRQ(ctx, c->lock) {
        done = c->completed;
        c->completed = 0;
    }
    if (done != 0)
        wake_up(ctx, &c->waiters);
}

// idiom: a tasklet allocates with GFP_ATOMIC -- drivers/net/wireless/ath/ath9k/recv.c, ath_rx_tasklet
void refill(TaskletCtx ctx, tasklet_struct *t)
{
    chan *c = container_of(t, chan, task);
    if (!c->buffer)
        c->buffer = KCTX_TRY(kmalloc(ctx, 256, GFP_ATOMIC | __GFP_NOWARN), return);
}
int probe(ProcessCtx ctx, chan *c, unsigned int irq, bool receives)
{
    if (receives)
        tasklet_setup(&c->task, handler<refill>);
    else
        tasklet_setup(&c->task, handler<complete_chan>);
    return request_irq(ctx, irq, handler<isr>, IRQF_SHARED, "chan", c);
}

// idiom: remove frees the line, then kills the tasklet -- drivers/dma/at_xdmac.c, at_xdmac_remove
void remove(ProcessCtx ctx, chan *c, unsigned int irq)
{
    free_irq(ctx, irq, c);
    tasklet_kill(ctx, &c->task);
}

// idiom: a task keeps the tasklet off while it changes the hardware -- drivers/net/wireless/ath/ath9k/main.c, ath_reset_internal
void reset(WorkCtx ctx, chan *c)
{
    tasklet_disable(ctx, &c->task);
    KCTX_SPIN_LOCK_BH(ctx, c->lock) {
        c->completed = 0;
    }
    msleep(ctx, 5);
    tasklet_enable(ctx, &c->task);
}

// idiom: the callback of a DMA transfer, in a tasklet, starts the next one -- drivers/tty/serial/imx.c, imx_uart_dma_tx_callback
void transfer_done(TaskletCtx ctx, void *param)
{
    auto *c = static_cast<chan *>(param);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c->lock) {
        c->completed++;
    }
}
int start_transfer(SyscallCtx ctx, chan *c, dma_chan *controller, dma_addr_t buffer)
{
    dma_async_tx_descriptor *transfer =
        dmaengine_prep_slave_single(ctx, controller, buffer, 256, 1, 0);
    if (!transfer)
        return -EBUSY;
    transfer->callback = handler<transfer_done>;
    transfer->callback_param = c;
    dmaengine_submit(ctx, transfer);
    dma_async_issue_pending(ctx, controller);
    return 0;
}
} // namespace dma

namespace cross_cpu {
struct log_lock : raw_spinlock_t {};
struct stats {
    log_lock lock;
    long events KCTX_GUARDED_BY(lock) = 0;
    irq_work wake;
    wait_queue_head_t readers;
    work_struct slow;
};

// idiom: an irq_work wakes who must not be woken in a raw section -- kernel/trace/ring_buffer.c, rb_wake_up_waiters
void wake(IrqWorkCtx ctx, irq_work *work)
{
    wake_up_all(ctx, &container_of(work, stats, wake)->readers);
}
void setup_wake(stats *s) { init_irq_work(&s->wake, handler<wake>); }

// idiom: an NMI queues it, and takes no lock at all -- arch/x86/kernel/cpu/mce/core.c, mce_log
void nmi(NmiCtx, stats *s) { irq_work_queue(&s->wake); }

// idiom: a raw section queues it -- kernel/trace/ring_buffer.c, rb_wakeups
void log_event(IrqCtx ctx, stats *s)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, s->lock) {
        s->events++;
        irq_work_queue(&s->wake);
    }
}

// idiom: an irq_work that stays in the hard irq takes raw locks -- kernel/sched/cpufreq_schedutil.c, sugov_irq_work
void hard_work(HardIrqCtx ctx, irq_work *work)
{
    stats *s = container_of(work, stats, wake);
    KCTX_RAW_SPIN_LOCK(ctx, s->lock) {
        s->events = 0;
    }
    schedule_work(ctx, &s->slow);
}
void setup_hard(stats *s) { init_irq_work_hard(&s->wake, handler<hard_work>); }

// idiom: remove waits for the irq_work -- kernel/sched/cpufreq_schedutil.c, sugov_stop
void stop(ProcessCtx ctx, stats *s)
{
    irq_work_sync(ctx, &s->wake);
    cancel_work_sync(ctx, &s->slow);
}

// idiom: every CPU is told to do something, in a hard irq -- arch/x86/mm/tlb.c, flush_tlb_all
void flush_one(SmpCallCtx ctx, void *info)
{
    auto *s = static_cast<stats *>(info);
    KCTX_RAW_SPIN_LOCK(ctx, s->lock) {
        s->events += smp_processor_id(ctx);
    }
}
void flush_all(ProcessCtx ctx, stats *s) { on_each_cpu(ctx, handler<flush_one>, s, 1); }

// idiom: one CPU is asked, with preemption off around it -- kernel/smp.c, smp_call_function_any
int ask(SyscallCtx ctx, stats *s, int cpu)
{
    KCTX_PREEMPT_DISABLE(ctx) {
        return smp_call_function_single(ctx, cpu, handler<flush_one>, s, 1);
    }
    return 0;
}

// idiom: one CPU is asked without waiting, with interrupts off -- block/blk-mq.c, blk_mq_complete_send_ipi
void ask_async(HardIrqCtx ctx, call_single_data *call, stats *s)
{
    call->func = handler<flush_one>;
    call->info = s;
    smp_call_function_single_async(ctx, 1, call);
}

// idiom: all CPUs stand still while something is changed -- arch/x86/kernel/cpu/microcode/core.c, __reload_late
int change(StopMachineCtx ctx, void *data)
{
    auto *s = static_cast<stats *>(data);
    KCTX_RAW_SPIN_LOCK(ctx, s->lock) {
        s->events = -1;
    }
    return 0;
}
int change_all(SyscallCtx ctx, stats *s) { return stop_machine(ctx, handler<change>, s, nullptr); }
} // namespace cross_cpu
