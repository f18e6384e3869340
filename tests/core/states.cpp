// SPDX-License-Identifier: BSL-1.0
// The state of every context that the kernel enters, flag by flag: what it says when a handler asks
// include/linux/preempt.h, include/linux/irqflags.h and include/linux/rcupdate.h (6.12).
#include <doctest/doctest.h>

#include "contexts.hpp"
#include "described.hpp"

using namespace kctx;

namespace {

template <class C> void check(const char *off, const char *rt)
{
    INFO(tests::name_of<C>());
    CHECK(tests::described(C::at(false)) == off);
    CHECK(tests::described(C::at(true)) == rt);
}
template <class C> void check_both(const char *state) { check<C>(state, state); }

} // namespace

TEST_CASE("a state that says nothing is a task's") { CHECK(tests::described({}) == "sleep"); }

TEST_CASE("tasks")
{
    check_both<ProcessCtx>("sleep");
    check_both<KthreadCtx>("sleep");
    check_both<WorkCtx>("sleep");
    check_both<ThreadedIrqCtx>("sleep");
    // Only a system call has a current->mm that is its caller's.
    check_both<SyscallCtx>("sleep user");
}

TEST_CASE("interrupts")
{
    check_both<NmiCtx>(
        "free nmi hardirq irqs"); // NMI_MASK and one level of HARDIRQ_MASK: nmi_enter()
    check_both<HardIrqCtx>("spin hardirq irqs");
    check_both<SmpCallCtx>("spin hardirq irqs");
    // kernel/irq/manage.c, irq_forced_thread_fn(): local_bh_disable(), on PREEMPT_RT a reader.
    check<IrqCtx>("config hardirq irqs threaded", "config bh migrate rcu");
    // kernel/irq_work.c, run_irq_workd(): a thread of the CPU.
    check<IrqWorkCtx>("config hardirq irqs threaded", "config migrate rcu");
}

TEST_CASE("softirqs, which are readers with PREEMPT_RT")
{
    check<SoftirqCtx>("config softirq migrate", "config softirq migrate rcu");
    check<NapiCtx>("config softirq migrate", "config softirq migrate rcu");
    check<TaskletCtx>("config softirq migrate", "config softirq migrate rcu");
    check<TimerCtx>("config softirq migrate", "config softirq migrate rcu");
    check<BhWorkCtx>("config softirq migrate", "config softirq migrate rcu");
    // kernel/rcu/tree.c, rcu_do_batch() in rcu_cpu_kthread(): local_bh_disable().
    check<RcuCallbackCtx>("config softirq migrate", "config bh migrate rcu");
}

TEST_CASE("high-resolution timers")
{
    check_both<HrtimerCtx<hard>>("spin hardirq irqs");
    check<HrtimerCtx<soft>>("config softirq migrate", "config softirq migrate rcu");
    check<HrtimerCtx<either>>("config hardirq irqs threaded", "config softirq migrate rcu");
}

TEST_CASE("where the scheduler stands still")
{
    // kernel/stop_machine.c, multi_cpu_stop(); kernel/sched/idle.c, do_idle().
    check_both<StopMachineCtx>("spin irqs preempt");
    check_both<IdleCtx>("spin preempt");
}
