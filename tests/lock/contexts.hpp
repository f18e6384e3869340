// SPDX-License-Identifier: BSL-1.0
/// @file
/// The tokens by the names that the measurements of running kernels give their contexts.
#pragma once

#include <kctx/all.hpp>

namespace tests {

struct lock {}; ///< stands for whatever lock a token tells of

template <template <class, class> class Held, class Outer = kctx::ProcessCtx>
using holding = Held<lock, Outer>;
template <template <class> class Held, class Outer = kctx::ProcessCtx> using inside = Held<Outer>;

/// A context that was measured, and what the token says of it.
struct measured_context {
    const char *name;
    kctx::context_state (*at)(bool rt);
};

// Contexts that change nothing about what this is about, like task_interruptible, have no token of
// their own: there the token is that of their surroundings.
inline constexpr measured_context contexts[] = {
    {"process", kctx::ProcessCtx::at},
    {"preempt_disable", inside<kctx::PreemptDisabled>::at},
    {"local_irq_disable", inside<kctx::IrqsDisabled>::at},
    {"local_bh_disable", inside<kctx::BhDisabled>::at},
    {"migrate_disable", inside<kctx::MigrateDisabled>::at},
    {"get_cpu", inside<kctx::CpuHeld>::at},
    {"get_cpu_var", inside<kctx::CpuHeld>::at},
    {"rcu_read_lock", inside<kctx::RcuReader>::at},
    {"rcu_read_lock_sched", inside<kctx::RcuReaderSched>::at},
    {"srcu_read_lock", holding<kctx::SrcuReader>::at},
    {"spin_lock", holding<kctx::SpinLocked>::at},
    {"spin_lock_bh", holding<kctx::SpinLockedBh>::at},
    {"spin_lock_irq", holding<kctx::SpinLockedIrq>::at},
    {"spin_lock_irqsave", holding<kctx::SpinLockedIrqsave>::at},
    {"raw_spin_lock", holding<kctx::RawSpinLocked>::at},
    {"raw_spin_lock_bh", holding<kctx::RawSpinLockedBh>::at},
    {"raw_spin_lock_irqsave", holding<kctx::RawSpinLockedIrqsave>::at},
    {"read_lock", holding<kctx::ReadLocked>::at},
    {"write_lock", holding<kctx::WriteLocked>::at},
    {"bit_spin_lock", inside<kctx::BitSpinLocked>::at},
    {"local_lock", holding<kctx::LocalLocked>::at},
    {"local_lock_irqsave", holding<kctx::LocalLockedIrqsave>::at},
    {"mutex", holding<kctx::MutexLocked>::at},
    {"ww_mutex", holding<kctx::WwMutexLocked>::at},
    {"rwsem_read", holding<kctx::RwsemReadLocked>::at},
    {"rwsem_write", holding<kctx::RwsemWriteLocked>::at},
    {"rt_mutex", holding<kctx::RtMutexLocked>::at},
    {"semaphore", holding<kctx::SemaphoreHeld>::at},
    {"percpu_rwsem_write", holding<kctx::PercpuRwsemWriteLocked>::at},
    {"cpus_read_lock", inside<kctx::CpusReadLocked>::at},
    {"write_seqlock", holding<kctx::SeqWriter>::at},
    {"seqcount_write_preempt_off",
     holding<kctx::SeqcountWriter, inside<kctx::PreemptDisabled>>::at},
    {"hardirq_irq_work_hard", kctx::HardIrqCtx::at},
    {"hardirq_hrtimer_hard", kctx::HrtimerCtx<kctx::hard>::at},
    {"irq_handler", kctx::IrqCtx::at},
    {"irq_handler_NO_THREAD", kctx::HardIrqCtx::at},
    {"irq_primary_of_threaded", kctx::HardIrqCtx::at},
    {"irq_thread_fn", kctx::ThreadedIrqCtx::at},
    {"hrtimer_default", kctx::HrtimerCtx<>::at},
    {"irq_work_default", kctx::IrqWorkCtx::at},
    {"irq_work_lazy", kctx::IrqWorkCtx::at},
    {"timer", kctx::TimerCtx::at},
    {"hrtimer_soft", kctx::HrtimerCtx<kctx::soft>::at},
    {"tasklet", kctx::TaskletCtx::at},
    {"rcu_callback", kctx::RcuCallbackCtx::at},
    {"bh_workqueue", kctx::BhWorkCtx::at},
    {"workqueue", kctx::WorkCtx::at},
    {"workqueue_unbound", kctx::WorkCtx::at},
    {"workqueue_mem_reclaim", kctx::WorkCtx::at},
    {"stop_machine_cb", kctx::StopMachineCtx::at},
    {"wake_function", holding<kctx::SpinLockedIrqsave>::at},
    {"atomic_notifier", inside<kctx::RcuReader>::at},
    {"blocking_notifier", kctx::ProcessCtx::at},
    {"kprobe_pre_handler", kctx::NmiCtx::at},
    {"nmi", kctx::NmiCtx::at},
    {"pagefault_disable", inside<kctx::PageFaultsDisabled, kctx::SyscallCtx>::at},
    {"kmap_local_page", kctx::ProcessCtx::at},
    {"memalloc_noio", inside<kctx::NoIoScope>::at},
    {"memalloc_nofs", inside<kctx::NoFsScope>::at},
    {"memalloc_noreclaim", kctx::ProcessCtx::at},
    {"non_block", inside<kctx::NonBlocking>::at},
    {"task_interruptible", kctx::ProcessCtx::at},
    {"fs_reclaim", kctx::ProcessCtx::at},
    {"mutex_taken_in_reclaim", holding<kctx::MutexLocked>::at},
    {"nofs_mutex_taken_in_reclaim", holding<kctx::MutexLocked, inside<kctx::NoFsScope>>::at},
    {"spin_in_raw_spin", holding<kctx::SpinLocked, holding<kctx::RawSpinLocked>>::at},
    {"raw_spin_in_spin", holding<kctx::RawSpinLocked, holding<kctx::SpinLocked>>::at},
    {"mutex_in_spin", holding<kctx::MutexLocked, holding<kctx::SpinLocked>>::at},
    {"spin_in_mutex", holding<kctx::SpinLocked, holding<kctx::MutexLocked>>::at},
    {"spin_in_local_irq_disable", holding<kctx::SpinLocked, inside<kctx::IrqsDisabled>>::at},
    {"spin_in_preempt_disable", holding<kctx::SpinLocked, inside<kctx::PreemptDisabled>>::at},
    {"spin_in_local_bh_disable", holding<kctx::SpinLocked, inside<kctx::BhDisabled>>::at},
    {"spin_in_rcu_read_lock", holding<kctx::SpinLocked, inside<kctx::RcuReader>>::at},
    {"spin_in_hardirq_irq_work", holding<kctx::SpinLocked, kctx::HardIrqCtx>::at},
    {"raw_spin_in_hardirq_irq_work", holding<kctx::RawSpinLocked, kctx::HardIrqCtx>::at},
    {"spin_in_irq_handler", holding<kctx::SpinLocked, kctx::IrqCtx>::at},
    {"spin_in_timer", holding<kctx::SpinLocked, kctx::TimerCtx>::at},
    {"raw_spin_in_timer", holding<kctx::RawSpinLocked, kctx::TimerCtx>::at},
};

/// Measured contexts that no kctx code can be in, and why.
struct absent_context {
    const char *name;
    const char *why;
};
inline constexpr absent_context absent[] = {
    {"seqcount_write_preemptible", "write_seqcount_begin() is refused there"},
    {"stop_one_cpu_cb", "stop_one_cpu() is for the scheduler, drivers have stop_machine()"},
    {"kmap_atomic", "deprecated since 5.11, drivers have kmap_local_page()"},
};

} // namespace tests
