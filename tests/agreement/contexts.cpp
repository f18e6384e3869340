// SPDX-License-Identifier: BSL-1.0
// How the measurement came into its contexts: see docs/agreement.md. What a context is called that
// has no line here, tests/truth/mapping.tsv says in terms of these and of sections.
#include "subject.hpp"

#include <kctx/sim/irq_lines.hpp>

namespace agreement {
namespace {

namespace env = kctx::env;
using body = std::function<void()>;

/// The cell that an interrupt belongs to.
struct running {
    subject *s = nullptr;
    const body *run = nullptr;
    /// Its callback has been called: the task goes on.
    void done() const
    {
        (*run)();
        env::complete(&s->context_is_over);
    }
};
thread_local running now;

/// Arms something whose callback is to run the cell, and waits for that.
template <class Arm> void await_callback(subject &s, const body &run, Arm arm)
{
    now = {&s, &run};
    reinit_completion(&s.context_is_over);
    arm();
    // The task is there when it comes; only for a task of no better priority it must go away.
    for (int i = 0; i < 200 && s.context_is_over.done == 0; ++i)
        s.m.pass(100'000);
    env::wait_for_completion(&s.context_is_over);
}

void in_timer(timer_list *) { now.done(); }
hrtimer_restart in_hrtimer(hrtimer *)
{
    now.done();
    return HRTIMER_NORESTART;
}
void in_tasklet(tasklet_struct *) { now.done(); }
void in_work(work_struct *) { now.done(); }
void in_irq_work(irq_work *) { now.done(); }
void in_rcu(RcuCallbackCtx, rcu_head *) { now.done(); }
int in_stop_machine(void *)
{
    (*now.run)();
    return 0;
}
int in_kthread(void *)
{
    now.done();
    return 0;
}
irqreturn_t in_irq(int, void *)
{
    now.done();
    return IRQ_HANDLED;
}
irqreturn_t wakes_thread(int, void *) { return IRQ_WAKE_THREAD; }
irqreturn_t runs_and_wakes(int, void *)
{
    (*now.run)();
    return IRQ_WAKE_THREAD;
}
irqreturn_t only_done(int, void *)
{
    env::complete(&now.s->context_is_over);
    return IRQ_HANDLED;
}

constexpr unsigned line_of_context = 11;
/// The line fires where irq_work_queue() raises its interrupt: inside a section without preemption.
void on_line(subject &s, const body &run, irq_handler_t handler, irq_handler_t thread,
             unsigned long flags)
{
    env::request_threaded_irq(line_of_context, handler, thread, flags, "ctxm_c", &s);
    await_callback(s, run, [&] {
        auto &lines = s.m.part<sim::irq_lines>();
        s.m.preempt_disable();
        s.m.hardirq([&] { lines.handle(line_of_context); }, {}, lines.threadable(line_of_context));
        s.m.preempt_enable();
    });
}
void on_hrtimer(subject &s, const body &run, unsigned mode)
{
    hrtimer timer{in_hrtimer, 0, CLOCK_MONOTONIC, mode, nullptr};
    await_callback(s, run, [&] { env::hrtimer_start(&timer, 1'000'000, mode); });
}
void on_timer(subject &s, const body &run)
{
    timer_list timer{in_timer};
    await_callback(s, run, [&] { env::mod_timer(&timer, env::get_jiffies() + 2); });
}
void on_work(subject &s, const body &run)
{
    work_struct work{in_work};
    await_callback(s, run, [&] { env::schedule_work_on(1, &work); });
}
void on_unbound_work(subject &s, const body &run)
{
    work_struct work{in_work};
    workqueue_struct *const wq = env::alloc_workqueue("ctxm_unbound", 2, 0); // WQ_UNBOUND
    await_callback(s, run, [&] { env::queue_work(wq, &work); });
}
void on_irq_work(subject &s, const body &run)
{
    irq_work work{in_irq_work};
    await_callback(s, run, [&] { env::irq_work_queue(&work); });
}
int notified(notifier_block *, unsigned long, void *)
{
    (*now.run)();
    return 0;
}
template <class Call> void on_chain(subject &s, const body &run, Call call)
{
    now = {&s, &run};
    notifier_block block{notified};
    call(&block);
}
/// fs_reclaim is known to take the lock, which is held then.
void mutex_of_reclaim(subject &s, const body &run)
{
    reclaim(true);
    env::mutex_lock(&s.held.sleeping);
    env::mutex_unlock(&s.held.sleeping);
    reclaim(false);
    env::mutex_lock(&s.held.sleeping);
    run();
    env::mutex_unlock(&s.held.sleeping);
}

#define CONTEXT(name, ...)                                                                         \
    measured_context{#name, [](subject &s, const body &run) {                                      \
                         (void)s;                                                                  \
                         __VA_ARGS__;                                                              \
                     }},
#define SECTION(name, enter, leave) CONTEXT(name, enter; run(); leave)
#define FORMS(lock_fn, unlock_fn, lock)                                                            \
    SECTION(lock_fn, env::lock_fn(lock), env::unlock_fn(lock))                                     \
    SECTION(lock_fn##_bh, env::lock_fn##_bh(lock), env::unlock_fn##_bh(lock))                      \
    SECTION(lock_fn##_irq, env::lock_fn##_irq(lock), env::unlock_fn##_irq(lock))                   \
    SECTION(lock_fn##_irqsave, const unsigned long f = env::lock_fn##_irqsave(lock),               \
            env::unlock_fn##_irqrestore(lock, f))

// clang-format off
const measured_context contexts[] = {
    // Where the kernel enters the driver.
    CONTEXT(ProcessCtx, run())
    CONTEXT(SyscallCtx, run())
    CONTEXT(raw_notifier, run())
    CONTEXT(hardirq_irq_work_hard, irq_work work{in_irq_work, nullptr, 8};
            await_callback(s, run, [&] { env::irq_work_queue(&work); }))
    CONTEXT(spin_in_hardirq_irq_work, irq_work work{in_irq_work, nullptr, 8};
            const body inner = [&] {
                env::spin_lock(&s.held.spin);
                run();
                env::spin_unlock(&s.held.spin);
            };
            await_callback(s, inner, [&] { env::irq_work_queue(&work); }))
    CONTEXT(raw_spin_in_hardirq_irq_work, irq_work work{in_irq_work, nullptr, 8};
            const body inner = [&] {
                env::raw_spin_lock(&s.held.raw);
                run();
                env::raw_spin_unlock(&s.held.raw);
            };
            await_callback(s, inner, [&] { env::irq_work_queue(&work); }))
    CONTEXT(HardIrqCtx, on_line(s, run, in_irq, nullptr, 0x10000))
    CONTEXT(IrqCtx, on_line(s, run, in_irq, nullptr, 0))
    CONTEXT(irq_primary_of_threaded, on_line(s, run, runs_and_wakes,
                                             only_done, 0x2000))
    CONTEXT(ThreadedIrqCtx, on_line(s, run, wakes_thread,
                                    in_irq, 0x2000))
    CONTEXT(HrtimerCtx<hard>, on_hrtimer(s, run, 0x9))
    CONTEXT(HrtimerCtx<either>, on_hrtimer(s, run, 0x1))
    CONTEXT(HrtimerCtx<soft>, on_hrtimer(s, run, 0x5))
    CONTEXT(IrqWorkCtx, on_irq_work(s, run))
    CONTEXT(SmpCallCtx, await_callback(s, run, [&s] { s.m.interrupt_now([] { now.done(); }); }))
    CONTEXT(TimerCtx, on_timer(s, run))
    CONTEXT(TaskletCtx, tasklet_struct t{in_tasklet};
            await_callback(s, run, [&] { env::tasklet_schedule(&t); }))
    CONTEXT(SoftirqCtx, tasklet_struct t{in_tasklet};
            await_callback(s, run, [&] { env::tasklet_schedule(&t); }))
    CONTEXT(BhWorkCtx, tasklet_struct t{in_tasklet};
            await_callback(s, run, [&] { env::tasklet_schedule(&t); }))
    CONTEXT(RcuCallbackCtx, freed_by_rcu object; await_callback(s, run, [&] {
                env::call_rcu(&object.rcu, &in_rcu);
            }))
    CONTEXT(WorkCtx, on_work(s, run))
    CONTEXT(workqueue_unbound, on_unbound_work(s, run))
    CONTEXT(KthreadCtx, await_callback(s, run, [&] {
                env::kthread_run(kthread_fn_t(handler<in_kthread>), nullptr, "ctxm_kthread");
            }))
    CONTEXT(StopMachineCtx, now = {&s, &run};
            env::stop_machine(cpu_stop_fn_t(handler<in_stop_machine>), nullptr, nullptr))
    CONTEXT(NmiCtx, s.m.preempt_disable(); s.m.nmi([&] {
        env::rcu_read_lock();
        run();
        env::rcu_read_unlock();
    });
            s.m.preempt_enable())
    CONTEXT(kprobe_pre_handler, s.m.nmi([&] { run(); }))

    // Called by somebody else.
    CONTEXT(wake_function, const unsigned long f = env::spin_lock_irqsave(&s.held.spin); run();
            env::spin_unlock_irqrestore(&s.held.spin, f))
    CONTEXT(atomic_notifier, on_chain(s, run, [](notifier_block *block) {
                env::rcu_read_lock();
                block->notifier_call(block, 0, nullptr);
                env::rcu_read_unlock();
            }))
    CONTEXT(blocking_notifier, on_chain(s, run, [&s](notifier_block *block) {
                env::down_read(&s.held.readers);
                block->notifier_call(block, 0, nullptr);
                env::up_read(&s.held.readers);
            }))

    // States that are no section of their own.
    CONTEXT(task_interruptible, env::set_current_state(TASK_INTERRUPTIBLE); run();
            env::__set_current_state(TASK_RUNNING))
    CONTEXT(fs_reclaim, reclaim(true); run();
            reclaim(false))
    CONTEXT(mutex_taken_in_reclaim, mutex_of_reclaim(s, run))
    CONTEXT(nofs_mutex_taken_in_reclaim, const unsigned f = env::memalloc_nofs_save();
            mutex_of_reclaim(s, run);
            env::memalloc_nofs_restore(f))
    CONTEXT(kmap_atomic, void *const p = env::kmap_atomic(s.a_page); run(); env::kunmap_atomic(p))

    // Sections.
    SECTION(preempt_disable, env::preempt_disable(), env::preempt_enable())
    SECTION(local_irq_disable, env::local_irq_disable(), env::local_irq_enable())
    SECTION(local_irq_save, const unsigned long f = env::local_irq_save(), env::local_irq_restore(f))
    SECTION(local_bh_disable, env::local_bh_disable(), env::local_bh_enable())
    SECTION(migrate_disable, env::migrate_disable(), env::migrate_enable())
    SECTION(get_cpu, env::get_cpu(), env::put_cpu(0))
    SECTION(rcu_read_lock, env::rcu_read_lock(), env::rcu_read_unlock())
    SECTION(rcu_read_lock_bh, env::rcu_read_lock_bh(), env::rcu_read_unlock_bh())
    SECTION(rcu_read_lock_sched, env::rcu_read_lock_sched(), env::rcu_read_unlock_sched())
    SECTION(srcu_read_lock, const int i = env::srcu_read_lock(&s.held.srcu),
            env::srcu_read_unlock(&s.held.srcu, i))
    FORMS(raw_spin_lock, raw_spin_unlock, &s.held.raw)
    FORMS(spin_lock, spin_unlock, &s.held.spin)
    FORMS(read_lock, read_unlock, &s.held.rw)
    FORMS(write_lock, write_unlock, &s.held.rw)
    SECTION(bit_spin_lock, env::bit_spin_lock(0, &s.held.bits), env::bit_spin_unlock(0, &s.held.bits))
    SECTION(local_lock, env::local_lock(&s.held.local), env::local_unlock(&s.held.local))
    SECTION(local_lock_irq, env::local_lock_irq(&s.held.local), env::local_unlock_irq(&s.held.local))
    SECTION(local_lock_irqsave, const unsigned long f = env::local_lock_irqsave(&s.held.local),
            env::local_unlock_irqrestore(&s.held.local, f))
    SECTION(mutex_lock, env::mutex_lock(&s.held.sleeping), env::mutex_unlock(&s.held.sleeping))
    SECTION(ww_mutex_lock_slow, env::ww_mutex_lock_slow(&s.held.ww), env::ww_mutex_unlock(&s.held.ww))
    SECTION(down_read, env::down_read(&s.held.readers), env::up_read(&s.held.readers))
    SECTION(down_write, env::down_write(&s.held.readers), env::up_write(&s.held.readers))
    SECTION(rt_mutex_lock, env::rt_mutex_lock(&s.held.rt), env::rt_mutex_unlock(&s.held.rt))
    SECTION(down, env::down(&s.held.count), env::up(&s.held.count))
    SECTION(percpu_down_read, env::percpu_down_read(&s.held.percpu), env::percpu_up_read(&s.held.percpu))
    SECTION(percpu_down_write, env::percpu_down_write(&s.held.percpu),
            env::percpu_up_write(&s.held.percpu))
    SECTION(cpus_read_lock, env::cpus_read_lock(), env::cpus_read_unlock())
    SECTION(write_seqlock, env::write_seqlock(&s.held.seq), env::write_sequnlock(&s.held.seq))
    SECTION(write_seqlock_bh, env::write_seqlock_bh(&s.held.seq), env::write_sequnlock_bh(&s.held.seq))
    SECTION(write_seqlock_irq, env::write_seqlock_irq(&s.held.seq), env::write_sequnlock_irq(&s.held.seq))
    SECTION(write_seqlock_irqsave, const unsigned long f = env::write_seqlock_irqsave(&s.held.seq),
            env::write_sequnlock_irqrestore(&s.held.seq, f))
    SECTION(write_seqcount_begin, env::write_seqcount_begin(&s.the_seqcount),
            env::write_seqcount_end(&s.the_seqcount))
    SECTION(pagefault_disable, env::pagefault_disable(), env::pagefault_enable())
    SECTION(memalloc_noio_save, const unsigned f = env::memalloc_noio_save(), env::memalloc_noio_restore(f))
    SECTION(memalloc_nofs_save, const unsigned f = env::memalloc_nofs_save(), env::memalloc_nofs_restore(f))
    SECTION(memalloc_noreclaim_save, const unsigned f = env::memalloc_noreclaim_save(),
            env::memalloc_noreclaim_restore(f))
    SECTION(non_block_start, env::non_block_start(), env::non_block_end())
};
// clang-format on

} // namespace

const measured_context *find_context(std::string_view name)
{
    for (const measured_context &c : contexts) {
        if (c.name == name)
            return &c;
    }
    return nullptr;
}

} // namespace agreement
