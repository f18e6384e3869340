// SPDX-License-Identifier: BSL-1.0
// Timers and high-resolution timers: armed, re-armed, deleted, stopped for good.
#include <kctx/api/completion.hpp>
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/input.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/time.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace link {
struct stats_lock : spinlock_t {};
struct adapter {
    stats_lock lock;
    int packets KCTX_GUARDED_BY(lock) = 0;
    bool down = false;
    timer_list watchdog;
    work_struct reset;
};

// idiom: a timer that arms itself again -- kernel/workqueue.c, wq_watchdog_timer_fn
void watchdog(TimerCtx ctx, timer_list *timer)
{
    adapter *a = from_timer(a, timer, watchdog);
    if (!a->down)
        mod_timer(ctx, timer, jiffies + msecs_to_jiffies(2000));
}

// idiom: what the timer finds, a work item mends -- drivers/net/ethernet/intel/e1000e/netdev.c, e1000_watchdog
void check(TimerCtx ctx, timer_list *timer)
{
    adapter *a = container_of(timer, adapter, watchdog);
    KCTX_SPIN_LOCK(ctx, a->lock) {
        if (a->packets == 0)
            schedule_work(ctx, &a->reset);
        a->packets = 0;
    }
}
void reset(WorkCtx ctx, work_struct *work)
{
    adapter *a = container_of(work, adapter, reset);
    timer_delete_sync(ctx, &a->watchdog);
    msleep(ctx, 100);
    mod_timer(ctx, &a->watchdog, jiffies + 1);
}
void setup(adapter *a, bool checks)
{
    INIT_WORK(&a->reset, handler<reset>);
    if (checks)
        timer_setup(&a->watchdog, handler<check>, 0);
    else
        timer_setup(&a->watchdog, handler<watchdog>, 0);
}

// idiom: an interrupt moves the timer on -- drivers/hid/usbhid/hid-core.c, hid_io_error
irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    mod_timer(ctx, &static_cast<adapter *>(dev)->watchdog, jiffies + 10);
    return IRQ_HANDLED;
}
int open(ProcessCtx ctx, adapter *a, unsigned int irq)
{
    return request_irq(ctx, irq, handler<isr>, IRQF_SHARED, "link", a);
}

// idiom: the timer is armed with the lock held that its callback takes -- net/bridge/br_stp_timer.c, br_stp_port_timer_init
void arm(ProcessCtx ctx, adapter *a)
{
    KCTX_SPIN_LOCK_BH(ctx, a->lock) {
        a->packets = 1;
        mod_timer(ctx, &a->watchdog, jiffies + 100);
    }
}

// idiom: under that lock it is only deleted, and waited for after it -- net/ipv4/inet_fragment.c, inet_frag_kill
void disarm(ProcessCtx ctx, adapter *a)
{
    KCTX_SPIN_LOCK_BH(ctx, a->lock) {
        a->down = true;
        timer_delete(ctx, &a->watchdog);
    }
    timer_delete_sync(ctx, &a->watchdog);
}

// idiom: remove: the timer can never be armed again -- drivers/bluetooth/hci_qca.c, qca_close
void remove(ProcessCtx ctx, adapter *a)
{
    timer_shutdown_sync(ctx, &a->watchdog);
    cancel_work_sync(ctx, &a->reset);
}

// idiom: the callback runs now, on another timer's behalf -- drivers/input/keyboard/gpio_keys.c, gpio_keys_quiesce_key
void from_callback(TimerCtx ctx, adapter *a)
{
    if (try_to_del_timer_sync(ctx, &a->watchdog) >= 0)
        a->down = true;
}
void stop_other(TimerCtx ctx, timer_list *timer)
{
    from_callback(ctx, container_of(timer, adapter, watchdog));
}
void setup_stop(adapter *a) { timer_setup(&a->watchdog, handler<stop_other>, 0); }
} // namespace link

namespace pulse {
struct queue_lock : raw_spinlock_t {};
struct spin_queue_lock : spinlock_t {};
struct out {
    queue_lock lock;
    int left KCTX_GUARDED_BY(lock) = 0;
    spin_queue_lock soft_lock;
    int waiting KCTX_GUARDED_BY(soft_lock) = 0;
    hrtimer timer;
    ktime_t last = 0;
    input_dev *input = nullptr;
    completion done;
    wait_queue_head_t readers;
};

// idiom: a periodic hrtimer that forwards itself -- sound/core/hrtimer.c, snd_hrtimer_callback
hrtimer_restart period(HrtimerCtx<> ctx, hrtimer *timer)
{
    hrtimer_forward_now(ctx, timer, 1000000);
    return HRTIMER_RESTART;
}
void start(ProcessCtx ctx, out *o)
{
    hrtimer_setup(&o->timer, handler<period>, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
    hrtimer_start(ctx, &o->timer, 1000000, HRTIMER_MODE_REL);
}

// idiom: a hard hrtimer takes a raw lock -- kernel/sched/rt.c, sched_rt_period_timer
hrtimer_restart hard_period(HrtimerCtx<hard> ctx, hrtimer *timer)
{
    out *o = container_of(timer, out, timer);
    KCTX_RAW_SPIN_LOCK(ctx, o->lock) {
        if (--o->left == 0)
            return HRTIMER_NORESTART;
    }
    hrtimer_forward_now(ctx, timer, 500);
    return HRTIMER_RESTART;
}
void start_hard(ProcessCtx ctx, out *o)
{
    hrtimer_setup(&o->timer, handler<hard_period>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, o->lock) {
        o->left = 10;
        hrtimer_start(ctx, &o->timer, 500, HRTIMER_MODE_REL_HARD);
    }
}

// idiom: a soft hrtimer takes a spinlock_t and reports an event -- drivers/input/keyboard/gpio_keys.c, gpio_keys_irq_timer
hrtimer_restart soft_period(HrtimerCtx<soft> ctx, hrtimer *timer)
{
    out *o = container_of(timer, out, timer);
    KCTX_SPIN_LOCK(ctx, o->soft_lock) {
        o->waiting--;
    }
    input_report_key(ctx, o->input, 30, 0);
    input_sync(ctx, o->input);
    return HRTIMER_NORESTART;
}
void start_soft(ProcessCtx ctx, out *o)
{
    hrtimer_setup(&o->timer, handler<soft_period>, CLOCK_BOOTTIME, HRTIMER_MODE_REL_SOFT);
    hrtimer_start(ctx, &o->timer, 500, HRTIMER_MODE_REL_SOFT);
}

// idiom: an hrtimer without a mode of its own takes a spinlock_t, too -- net/can/bcm.c, bcm_tx_timeout_handler
hrtimer_restart either_period(HrtimerCtx<> ctx, hrtimer *timer)
{
    out *o = container_of(timer, out, timer);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, o->soft_lock) {
        o->waiting--;
    }
    wake_up_interruptible(ctx, &o->readers);
    return HRTIMER_NORESTART;
}
void setup_either(out *o)
{
    hrtimer_setup(&o->timer, handler<either_period>, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
}

// idiom: under the lock an hrtimer is only tried to be cancelled -- fs/timerfd.c, timerfd_setup
void set(SyscallCtx ctx, out *o, ktime_t when)
{
    for (;;) {
        KCTX_SPIN_LOCK_IRQ(ctx, o->soft_lock) {
            if (hrtimer_try_to_cancel(ctx, &o->timer) >= 0) {
                hrtimer_start(ctx, &o->timer, when, HRTIMER_MODE_ABS);
                return;
            }
        }
        udelay(1);
    }
}

// idiom: remove cancels an hrtimer and waits for its callback -- drivers/input/keyboard/gpio_keys.c, gpio_keys_quiesce_key
void stop(ProcessCtx ctx, out *o) { hrtimer_cancel(ctx, &o->timer); }

// idiom: an hrtimer ends a wait -- kernel/time/hrtimer.c, hrtimer_wakeup
hrtimer_restart expired(HrtimerCtx<hard> ctx, hrtimer *timer)
{
    complete(ctx, &container_of(timer, out, timer)->done);
    return HRTIMER_NORESTART;
}
void wait_for(SyscallCtx ctx, out *o, ktime_t delay)
{
    init_completion(&o->done);
    hrtimer_setup(&o->timer, handler<expired>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
    hrtimer_start(ctx, &o->timer, delay, HRTIMER_MODE_REL_HARD);
    wait_for_completion(ctx, &o->done);
}

// idiom: the time between two events, taken in a hard irq -- drivers/media/rc/gpio-ir-recv.c, gpio_ir_recv_irq
irqreturn_t edge(HardIrqCtx ctx, int, void *dev)
{
    auto *o = static_cast<out *>(dev);
    const ktime_t now = ktime_get(ctx);
    KCTX_RAW_SPIN_LOCK(ctx, o->lock) {
        o->left = now - o->last > 1000000 ? 0 : o->left + 1;
    }
    o->last = now;
    return IRQ_HANDLED;
}
int probe(ProcessCtx ctx, out *o)
{
    return request_irq(ctx, 7, handler<edge>, IRQF_NO_THREAD, "pulse", o);
}
} // namespace pulse
