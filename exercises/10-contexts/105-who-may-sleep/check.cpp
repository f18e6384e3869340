// SPDX-License-Identifier: BSL-1.0
// The truth is what the library's contexts say; they are checked against kernels that ran.
template <class C> constexpr bool sleeps_off = kctx::detail::state_off<C>.allows == kctx::wait_type::sleep;
template <class C> constexpr bool sleeps_rt = kctx::detail::state_rt<C>.allows == kctx::wait_type::sleep;

LAB_TEST("without PREEMPT_RT")
{
    LAB_EXPECT(work_item.without_rt == sleeps_off<WorkCtx>, "a work item: who runs it?");
    LAB_EXPECT(threaded_irq.without_rt == sleeps_off<ThreadedIrqCtx>, "a threaded irq: what is it a thread for?");
    LAB_EXPECT(irq_handler.without_rt == sleeps_off<IrqCtx>, "an irq handler");
    LAB_EXPECT(timer.without_rt == sleeps_off<TimerCtx>, "a timer: it is a softirq");
    LAB_EXPECT(rcu_reader.without_rt == (sleeps_off<RcuReader<ProcessCtx>>), "an RCU reader: who waits for it?");
    LAB_EXPECT(mutex_held.without_rt == (sleeps_off<MutexLocked<mutex, ProcessCtx>>), "a mutex");
    LAB_EXPECT(spinlock_held.without_rt == (sleeps_off<SpinLocked<spinlock_t, ProcessCtx>>), "a spinlock_t");
}
LAB_TEST("with PREEMPT_RT")
{
    LAB_EXPECT(work_item.with_rt == sleeps_rt<WorkCtx>, "a work item");
    LAB_EXPECT(threaded_irq.with_rt == sleeps_rt<ThreadedIrqCtx>, "a threaded irq");
    LAB_EXPECT(irq_handler.with_rt == sleeps_rt<IrqCtx>, "an irq handler: forced into a thread, and still no place to sleep for its own sake");
    LAB_EXPECT(timer.with_rt == sleeps_rt<TimerCtx>, "a timer");
    LAB_EXPECT(rcu_reader.with_rt == (sleeps_rt<RcuReader<ProcessCtx>>), "an RCU reader");
    LAB_EXPECT(mutex_held.with_rt == (sleeps_rt<MutexLocked<mutex, ProcessCtx>>), "a mutex");
    LAB_EXPECT(spinlock_held.with_rt == (sleeps_rt<SpinLocked<spinlock_t, ProcessCtx>>), "a spinlock_t");
}
