// SPDX-License-Identifier: BSL-1.0
// Timers, hrtimers, tasklets, irq_work, workqueues and threads: who runs them, and in which state.
#include <doctest/doctest.h>

#include "simulate.hpp"

#include <kctx/api/delay.hpp>
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/irq_work.hpp>
#include <kctx/api/kthread.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;
using sim::machine;
using sim::preemption;

namespace {

constexpr auto ctx = assume_context<ProcessCtx>("the tests are where they say");

sim::machine_config kernel_6_12(preemption preempt)
{
    sim::machine_config m = kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preempt);
    m.hz = 100;
    m.prove_locking = m.prove_raw_lock_nesting = m.debug_atomic_sleep = true;
    return m;
}

/// What a callback sees, in the words of context_state_*.tsv.
std::string state()
{
    machine &m = *machine::here();
    std::string out = m.current().is.comm + ":";
    for (const auto &[is, word] : {std::pair{m.in_task(), " task"},
                                   {m.in_hardirq(), " hardirq"},
                                   {m.in_serving_softirq(), " softirq"},
                                   {m.in_interrupt(), " interrupt"},
                                   {m.irqs_disabled(), " irqs-off"}})
        if (is)
            out += word;
    return out + sim::text(" %x rcu %u", m.preempt_count(), m.current().rcu_nesting);
}

std::string seen;

std::string order;

void append_time(WorkCtx, work_struct *) { order += sim::text("%lu ", machine::here()->jiffies()); }
void slow_work(WorkCtx in, work_struct *)
{
    order += "b";
    set_current_state(in, TASK_UNINTERRUPTIBLE);
    schedule_timeout(in, 5);
    order += "e";
}
irqreturn_t slow_thread(ThreadedIrqCtx in, int, void *)
{
    order += "(";
    set_current_state(in, TASK_UNINTERRUPTIBLE);
    schedule_timeout(in, 5);
    order += ")";
    return IRQ_HANDLED;
}
void on_work(WorkCtx, work_struct *) { seen = state(); }
void on_timer(TimerCtx, timer_list *) { seen = state(); }
hrtimer_restart on_hrtimer(HrtimerCtx<either>, hrtimer *)
{
    seen = state();
    return HRTIMER_NORESTART;
}
hrtimer_restart on_hard_hrtimer(HrtimerCtx<hard>, hrtimer *)
{
    seen = state();
    return HRTIMER_NORESTART;
}
hrtimer_restart on_soft_hrtimer(HrtimerCtx<soft>, hrtimer *)
{
    seen = state();
    return HRTIMER_NORESTART;
}
void on_tasklet(TaskletCtx, tasklet_struct *) { seen = state(); }
void on_irq_work(IrqWorkCtx, irq_work *) { seen = state(); }
void on_hard_irq_work(HardIrqCtx, irq_work *) { seen = state(); }
irqreturn_t on_irq(IrqCtx, int, void *)
{
    seen = state();
    return IRQ_HANDLED;
}
irqreturn_t on_hard_irq(HardIrqCtx, int, void *)
{
    seen = state();
    return IRQ_HANDLED;
}
int on_thread(KthreadCtx, void *)
{
    seen = state();
    return 7;
}

/// What the callback sees that @p start has come, on a kernel of this kind.
template <class F> std::string in(preemption preempt, F start)
{
    machine m(kernel_6_12(preempt));
    seen.clear();
    m.spawn({.comm = "insmod", .pid = 7}, [&] { start(m); });
    m.line_at(1'000'000'000, 5);
    CHECK(m.run() == sim::outcome::idle);
    CHECK(m.log.dmesg().empty());
    return seen;
}

} // namespace

TEST_CASE("who runs what, and what it sees: as measured on 6.12, with and without PREEMPT_RT")
{
    work_struct work;
    timer_list timer;
    hrtimer hr;
    tasklet_struct tasklet;
    irq_work deferred;
    const auto by_work = [&](machine &) {
        INIT_WORK(&work, handler<on_work>);
        CHECK(schedule_work(ctx, &work));
        CHECK_FALSE(schedule_work(ctx, &work));
    };
    CHECK(in(preemption::full, by_work) == "kworker/0:0: task 0 rcu 0");
    CHECK(in(preemption::rt, by_work) == "kworker/0:0: task 0 rcu 0");

    const auto by_timer = [&](machine &m) {
        timer_setup(&timer, handler<on_timer>, 0);
        CHECK(mod_timer(ctx, &timer, m.jiffies() + 3) == 0);
    };
    // The idle task's own level is below the softirq's.
    CHECK(in(preemption::full, by_timer) == "swapper: softirq interrupt 101 rcu 0");
    CHECK(in(preemption::rt, by_timer) == "ksoftirqd/0: softirq interrupt 0 rcu 3");

    const auto by_hrtimer = [&](machine &) {
        hrtimer_setup(&hr, handler<on_hrtimer>, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
        hrtimer_start(ctx, &hr, 1000, HRTIMER_MODE_REL);
    };
    CHECK(in(preemption::full, by_hrtimer) == "swapper: hardirq interrupt irqs-off 10001 rcu 0");
    CHECK(in(preemption::rt, by_hrtimer) == "ksoftirqd/0: softirq interrupt 0 rcu 2");
    const auto by_hard_hrtimer = [&](machine &) {
        hrtimer_setup(&hr, handler<on_hard_hrtimer>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
        hrtimer_start(ctx, &hr, 1000, HRTIMER_MODE_REL_HARD);
    };
    CHECK(in(preemption::rt, by_hard_hrtimer) == "swapper: hardirq interrupt irqs-off 10001 rcu 0");
    const auto by_soft_hrtimer = [&](machine &) {
        hrtimer_setup(&hr, handler<on_soft_hrtimer>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
        hrtimer_start(ctx, &hr, 1000, HRTIMER_MODE_REL_SOFT);
    };
    CHECK(in(preemption::full, by_soft_hrtimer) == "swapper: softirq interrupt 101 rcu 0");

    const auto by_tasklet = [&](machine &) {
        tasklet_setup(&tasklet, handler<on_tasklet>);
        tasklet_schedule(ctx, &tasklet);
    };
    CHECK(in(preemption::full, by_tasklet) == "ksoftirqd/0: softirq interrupt 100 rcu 0");
    CHECK(in(preemption::rt, by_tasklet) == "ksoftirqd/0: softirq interrupt 0 rcu 2");

    const auto by_irq_work = [&](machine &) {
        init_irq_work(&deferred, handler<on_irq_work>);
        CHECK(irq_work_queue(&deferred));
    };
    CHECK(in(preemption::full, by_irq_work) == "insmod: hardirq interrupt irqs-off 10001 rcu 0");
    CHECK(in(preemption::rt, by_irq_work) == "irq_work/0: task 0 rcu 1");
    const auto by_hard_irq_work = [&](machine &) {
        init_irq_work_hard(&deferred, handler<on_hard_irq_work>);
        CHECK(irq_work_queue(&deferred));
    };
    CHECK(in(preemption::rt, by_hard_irq_work) == "insmod: hardirq interrupt irqs-off 10001 rcu 0");

    const auto by_irq = [&](machine &) {
        CHECK(request_irq(ctx, 5, handler<on_irq>, IRQF_TRIGGER_NONE, "card", nullptr) == 0);
    };
    CHECK(in(preemption::full, by_irq) == "swapper: hardirq interrupt irqs-off 10001 rcu 0");
    CHECK(in(preemption::rt, by_irq) == "irq/5-card: task interrupt 0 rcu 2");
    const auto by_hard_irq = [&](machine &) {
        CHECK(request_irq(ctx, 5, handler<on_hard_irq>, IRQF_NO_THREAD, "card", nullptr) == 0);
    };
    CHECK(in(preemption::rt, by_hard_irq) == "swapper: hardirq interrupt irqs-off 10001 rcu 0");

    const auto by_thread = [&](machine &) {
        task_struct *const thread = kthread_run(ctx, handler<on_thread>, nullptr, "poller");
        msleep(ctx, 10); // stopped before it has run its function never does
        CHECK(kthread_stop(ctx, thread) == 7);
        CHECK(kthread_stop(ctx, kthread_create(ctx, handler<on_thread>, nullptr, "never")) == -4);
    };
    CHECK(in(preemption::full, by_thread) == "poller: task 0 rcu 0");
}

TEST_CASE("delayed work comes after its delay, once, and not when it is cancelled")
{
    order.clear();
    machine m(kernel_6_12(preemption::full));
    delayed_work work;
    INIT_DELAYED_WORK(&work, handler<append_time>);
    m.spawn({.comm = "insmod", .pid = 7}, [&] {
        CHECK(schedule_delayed_work(ctx, &work, 10));
        CHECK_FALSE(schedule_delayed_work(ctx, &work, 1));
        set_current_state(ctx, TASK_UNINTERRUPTIBLE);
        schedule_timeout(ctx, 20);
        CHECK(schedule_delayed_work(ctx, &work, 10));
        CHECK(cancel_delayed_work(ctx, &work));
        CHECK_FALSE(cancel_delayed_work_sync(ctx, &work));
        CHECK(schedule_delayed_work(ctx, &work, 10));
        CHECK(flush_delayed_work(ctx, &work));
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(order == "10 20 ");
    CHECK(m.log.dmesg().empty());
}

TEST_CASE("who cancels work waits until it has finished")
{
    order.clear();
    machine m(kernel_6_12(preemption::full));
    work_struct work;
    INIT_WORK(&work, handler<slow_work>);
    m.spawn({.comm = "insmod", .pid = 7}, [&] {
        CHECK(schedule_work(ctx, &work));
        set_current_state(ctx, TASK_UNINTERRUPTIBLE);
        schedule_timeout(ctx, 2);
        CHECK_FALSE(cancel_work_sync(ctx, &work));
        order += "c";
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(order == "bec");
}

TEST_CASE("before the pools of 2.6.36 a queue has a thread of its own on each CPU")
{
    machine m(kernel_of(KCTX_VERSION(2, 6, 32), kernel::arch::arm, preemption::full));
    m.give_pid("events/0", 4);
    work_struct work;
    INIT_WORK(&work, handler<on_work>);
    m.spawn({.comm = "insmod", .pid = 7}, [&] { schedule_work(ctx, &work); });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(seen == "events/0: task 0 rcu 0");
}

TEST_CASE("a line that is ONESHOT, and a forced thread, mask it until the thread has run")
{
    for (const preemption preempt : {preemption::full, preemption::rt}) {
        order.clear();
        machine m(kernel_6_12(preempt));
        m.spawn({.comm = "insmod", .pid = 7}, [&] {
            CHECK(request_threaded_irq(ctx, 5, nullptr, handler<slow_thread>, IRQF_ONESHOT, "card",
                                       nullptr) == 0);
            CHECK(request_irq(ctx, 5, handler<on_irq>, IRQF_TRIGGER_NONE, "other", nullptr) ==
                  -EBUSY);
        });
        m.line_at(100'000'000, 5);
        m.line_at(110'000'000, 5);
        m.line_at(120'000'000, 5);
        CHECK(m.run() == sim::outcome::idle);
        CHECK(order == "()()");
    }
}

TEST_CASE("a disabled line waits")
{
    machine m(kernel_6_12(preemption::full));
    seen.clear();
    m.spawn({.comm = "insmod", .pid = 7}, [&] {
        CHECK(request_irq(ctx, 5, handler<on_irq>, IRQF_TRIGGER_NONE, "card", nullptr) == 0);
        disable_irq(ctx, 5);
        set_current_state(ctx, TASK_UNINTERRUPTIBLE);
        schedule_timeout(ctx, 20);
        CHECK(seen.empty());
        enable_irq(ctx, 5);
        CHECK_FALSE(seen.empty());
        free_irq(ctx, 5, nullptr);
    });
    m.line_at(100'000'000, 5);
    CHECK(m.run() == sim::outcome::idle);
}
