// SPDX-License-Identifier: BSL-1.0
// What every section does to the state of the context around it, all flags of it: without
// PREEMPT_RT and with it. Sections that nothing measured names are here as well.
#include "contexts.hpp"

#include "../core/described.hpp"

#include <doctest/doctest.h>

using namespace kctx;
using tests::described;
using tests::holding;
using tests::inside;

namespace {

template <class C> void check(const char *off, const char *rt)
{
    INFO(__PRETTY_FUNCTION__);
    CHECK(described(C::at(false)) == off);
    CHECK(described(C::at(true)) == rt);
}
template <class C> void check_both(const char *state) { check<C>(state, state); }

/// Sections in a system call.
template <template <class, class> class Held> using lock = holding<Held, SyscallCtx>;
template <template <class> class Held> using scope = inside<Held, SyscallCtx>;

} // namespace

TEST_CASE("raw locks and what keeps the scheduler out: nobody else runs on this CPU")
{
    const char *const state = "spin preempt migrate user";
    check_both<lock<RawSpinLocked>>(state);
    check_both<scope<BitSpinLocked>>(state);
    check_both<scope<PreemptDisabled>>(state);
    check_both<scope<CpuHeld>>(state);
    check_both<scope<RcuReaderSched>>(state);
    check_both<lock<RawSpinLockedIrq>>("spin irqs preempt migrate user");
    check_both<lock<RawSpinLockedIrqsave>>("spin irqs preempt migrate user");
    // include/linux/bottom_half.h: PREEMPT_RT counts the two as one and leaves preemption on.
    check<lock<RawSpinLockedBh>>("spin bh preempt migrate user", "spin bh migrate rcu user");
    check_both<RawSpinLockedBh<tests::lock, PreemptDisabled<SyscallCtx>>>(
        "spin bh preempt migrate user");
}

TEST_CASE("spinlock_t and its kind: on PREEMPT_RT a reader that stays on its CPU")
{
    const char *const off = "config preempt migrate user";
    const char *const irq_off = "config irqs preempt migrate user";
    const char *const bh_off = "config bh preempt migrate user";
    const char *const rt = "config migrate rcu user";
    const char *const bh_rt = "config bh migrate rcu user";
    check<lock<SpinLocked>>(off, rt);
    check<lock<SpinLockedIrq>>(irq_off, rt);
    check<lock<SpinLockedIrqsave>>(irq_off, rt);
    check<lock<SpinLockedBh>>(bh_off, bh_rt);
    check<lock<ReadLocked>>(off, rt);
    check<lock<ReadLockedIrq>>(irq_off, rt);
    check<lock<ReadLockedIrqsave>>(irq_off, rt);
    check<lock<ReadLockedBh>>(bh_off, bh_rt);
    check<lock<WriteLocked>>(off, rt);
    check<lock<WriteLockedIrq>>(irq_off, rt);
    check<lock<WriteLockedIrqsave>>(irq_off, rt);
    check<lock<WriteLockedBh>>(bh_off, bh_rt);
    check<lock<SeqWriter>>(off, rt);
    check<lock<SeqWriterIrq>>(irq_off, rt);
    check<lock<SeqWriterIrqsave>>(irq_off, rt);
    check<lock<SeqWriterBh>>(bh_off, bh_rt);
    check<lock<LocalLocked>>(off, rt);
    // include/linux/local_lock_internal.h: local_irq_disable() alone, which counts nothing.
    check<lock<LocalLockedIrq>>("config irqs migrate user", rt);
    check<lock<LocalLockedIrqsave>>("config irqs migrate user", rt);
    // Interrupts that were off stay off.
    check<SpinLockedIrqsave<tests::lock, HardIrqCtx>>("spin hardirq irqs preempt migrate",
                                                      "spin hardirq irqs migrate rcu");
    check<SpinLocked<tests::lock, RawSpinLocked<tests::lock, SyscallCtx>>>(
        "spin preempt migrate user", "spin preempt migrate rcu user");
}

TEST_CASE("interrupts and bottom halves off")
{
    check_both<scope<IrqsDisabled>>("spin irqs migrate user");
    check_both<scope<IrqsSaved>>("spin irqs migrate user");
    check<scope<BhDisabled>>("config bh migrate user", "config bh migrate rcu user");
    check<scope<RcuReaderBh>>("config bh migrate user", "config bh migrate rcu user");
    // kernel/softirq.c, __local_bh_disable_ip(): takes its lock, and reads, where it may wait for
    // it.
    check_both<BhDisabled<PreemptDisabled<SyscallCtx>>>("spin bh preempt migrate user");
    check_both<BhDisabled<RcuReader<SyscallCtx>>>("config bh migrate rcu user");
    check<BhDisabled<SoftirqCtx>>("config softirq bh migrate", "config softirq bh migrate rcu");
    check<BhDisabled<IrqWorkCtx>>("config hardirq bh irqs migrate threaded",
                                  "config bh migrate rcu");
}

TEST_CASE("readers")
{
    check_both<scope<RcuReader>>("config rcu user");
    check_both<lock<SrcuReader>>("sleep user");
}

TEST_CASE("what may sleep, and changes nothing that code can ask for")
{
    check_both<lock<MutexLocked>>("sleep user");
    check_both<lock<WwMutexLocked>>("sleep user");
    check_both<lock<RtMutexLocked>>("sleep user");
    check_both<lock<RwsemReadLocked>>("sleep user");
    check_both<lock<RwsemWriteLocked>>("sleep user");
    check_both<lock<SemaphoreHeld>>("sleep user");
    check_both<lock<PercpuRwsemReadLocked>>("sleep user");
    check_both<lock<PercpuRwsemWriteLocked>>("sleep user");
    check_both<scope<CpusReadLocked>>("sleep user");
    check_both<scope<NoReclaimScope>>("sleep user");
    check_both<SeqcountWriter<tests::lock, IrqsDisabled<SyscallCtx>>>("spin irqs migrate user");
    check_both<SeqcountWriter<tests::lock, PreemptDisabled<SyscallCtx>>>(
        "spin preempt migrate user");
    check_both<scope<MigrateDisabled>>("sleep migrate user");
    check_both<scope<NoIoScope>>("sleep user noio");
    check_both<scope<NoFsScope>>("sleep user nofs");
    check_both<scope<NonBlocking>>("spin user");
}

TEST_CASE("where page faults are off no memory of the process is at hand")
{
    check_both<scope<PageFaultsDisabled>>("sleep");
    // include/linux/highmem-internal.h, kmap_atomic()
    check<scope<KmapAtomic>>("spin preempt migrate", "sleep migrate");
}
