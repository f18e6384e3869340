// SPDX-License-Identifier: BSL-1.0
// Which lock may be taken where. Built three times: for kernels without PREEMPT_RT, with it, and
// for code that must be legal on both.
#include "contexts.hpp"

#include <doctest/doctest.h>

#include <string_view>

using namespace kctx;
using tests::holding;
using tests::inside;

namespace {

/// The verdicts on @p Call in some contexts, '+' or '-'.
template <class Call, class... C> struct row {
    static constexpr char text[] = {(is_legal<Call, C> ? '+' : '-')..., '\0'};
};

// One column each, in three groups:
// process; preemption, interrupts, bottom halves, migration off;
// rcu_read_lock(), its _sched form, srcu_read_lock();
// spin_lock(), its _irqsave form, raw_spin_lock(), its _bh form, bit_spin_lock(), mutex_lock(),
// non_block_start();
// an irq handler, one that is never threaded, a timer, an RCU callback, an NMI.
template <class Call>
using verdicts =
    row<Call, ProcessCtx, inside<PreemptDisabled>, inside<IrqsDisabled>, inside<BhDisabled>,
        inside<MigrateDisabled>, inside<RcuReader>, inside<RcuReaderSched>, holding<SrcuReader>,
        holding<SpinLocked>, holding<SpinLockedIrqsave>, holding<RawSpinLocked>,
        holding<RawSpinLockedBh>, inside<BitSpinLocked>, holding<MutexLocked>, inside<NonBlocking>,
        IrqCtx, HardIrqCtx, TimerCtx, RcuCallbackCtx, NmiCtx>;

/// Such verdicts without and with PREEMPT_RT.
struct by_kernel {
    std::string_view off;
    std::string_view rt;
};

/// Whether @p is are the verdicts for the kernels that this file is built for.
constexpr bool are(std::string_view is, by_kernel expected)
{
    if (is.size() != expected.off.size() || is.size() != expected.rt.size())
        return false;
    for (std::size_t i = 0; i < is.size(); ++i) {
        const bool off = KCTX_PREEMPT_RT == KCTX_RT_ON || expected.off[i] == '+';
        const bool rt = KCTX_PREEMPT_RT == KCTX_RT_OFF || expected.rt[i] == '+';
        if ((is[i] == '+') != (off && rt))
            return false;
    }
    return true;
}

#define VERDICTS(name, expected) static_assert(are(verdicts<call::name>::text, expected), #name)

// What sleeps is for tasks, with migration off and in an SRCU reader, too.
constexpr by_kernel sleeps{"+---+--+-----+------", "+---+--+-----+------"};
VERDICTS(mutex_lock, sleeps);
VERDICTS(mutex_lock_interruptible, sleeps);
VERDICTS(mutex_lock_killable, sleeps);
VERDICTS(rt_mutex_lock, sleeps);
VERDICTS(rt_mutex_lock_interruptible, sleeps);
VERDICTS(ww_mutex_lock, sleeps);
VERDICTS(ww_mutex_lock_slow, sleeps);
VERDICTS(down, sleeps);
VERDICTS(down_interruptible, sleeps);
VERDICTS(down_killable, sleeps);
VERDICTS(down_timeout, sleeps);
VERDICTS(down_read, sleeps);
VERDICTS(down_write, sleeps);
VERDICTS(down_read_killable, sleeps);
VERDICTS(down_write_killable, sleeps);
VERDICTS(percpu_down_read, sleeps);
VERDICTS(percpu_down_write, sleeps);
VERDICTS(cpus_read_lock, sleeps);
VERDICTS(synchronize_rcu, sleeps);
VERDICTS(synchronize_rcu_expedited, sleeps);
VERDICTS(synchronize_srcu, sleeps);
VERDICTS(rcu_barrier, sleeps);
VERDICTS(kfree_rcu_mightsleep, sleeps);

// A spinlock_t: on PREEMPT_RT not where preemption or interrupts are off.
constexpr by_kernel locks{"+++++++++++++++++++-", "+--+++-+++---+-+-++-"};
VERDICTS(spin_lock, locks);
VERDICTS(spin_lock_irqsave, locks);
VERDICTS(read_lock, locks);
VERDICTS(read_lock_irqsave, locks);
VERDICTS(write_lock, locks);
VERDICTS(write_lock_irqsave, locks);
VERDICTS(local_lock, locks);
VERDICTS(local_lock_irqsave, locks);
VERDICTS(write_seqlock, locks);
VERDICTS(write_seqlock_irqsave, locks);
VERDICTS(read_seqbegin, locks);
VERDICTS(read_seqcount_begin, locks);
VERDICTS(call_srcu, locks);
// Its forms that end with interrupts on, or run softirqs, not where interrupts are off.
constexpr by_kernel locks_irq{"++-++++++-+++++--++-", "+--+++-+++---+-+-++-"};
VERDICTS(spin_lock_irq, locks_irq);
VERDICTS(spin_lock_bh, locks_irq);
VERDICTS(read_lock_irq, locks_irq);
VERDICTS(read_lock_bh, locks_irq);
VERDICTS(write_lock_irq, locks_irq);
VERDICTS(write_lock_bh, locks_irq);
VERDICTS(local_lock_irq, locks_irq);
VERDICTS(write_seqlock_irq, locks_irq);
VERDICTS(write_seqlock_bh, locks_irq);

// A raw spinlock: everywhere but in an NMI.
constexpr by_kernel spins{"+++++++++++++++++++-", "+++++++++++++++++++-"};
VERDICTS(raw_spin_lock, spins);
VERDICTS(raw_spin_lock_irqsave, spins);
VERDICTS(bit_spin_lock, spins);
VERDICTS(down_trylock, spins);
VERDICTS(up, spins);
VERDICTS(call_rcu, spins);
VERDICTS(kfree_rcu, spins);
VERDICTS(srcu_read_lock, spins);
constexpr by_kernel spins_irq{"++-++++++-+++++--++-", "++-+++++++++++++-++-"};
VERDICTS(raw_spin_lock_irq, spins_irq);
VERDICTS(local_irq_disable, spins_irq);
// Turning bottom halves off blocks on PREEMPT_RT, unless preemption is off.
constexpr by_kernel spins_bh{"++-++++++-+++++--++-", "++-+++++++++++-+-++-"};
VERDICTS(raw_spin_lock_bh, spins_bh);
VERDICTS(local_bh_disable, spins_bh);
VERDICTS(rcu_read_lock_bh, spins_bh);

// What waits for nobody.
constexpr by_kernel anywhere{"++++++++++++++++++++", "++++++++++++++++++++"};
VERDICTS(rcu_read_lock, anywhere);
VERDICTS(rcu_read_lock_sched, anywhere);
VERDICTS(local_irq_save, anywhere);
VERDICTS(preempt_disable, anywhere);
VERDICTS(migrate_disable, anywhere);
VERDICTS(get_cpu, anywhere);
VERDICTS(non_block_start, anywhere);
VERDICTS(raw_spin_trylock, anywhere);
VERDICTS(bit_spin_trylock, anywhere);
VERDICTS(down_read_trylock, anywhere);
VERDICTS(percpu_down_read_trylock, anywhere);
constexpr by_kernel tries_rt_lock{"++++++++++++++++++++", "+++++++++++++++++++-"};
VERDICTS(spin_trylock, tries_rt_lock);
VERDICTS(read_trylock, tries_rt_lock);
VERDICTS(write_trylock, tries_rt_lock);
VERDICTS(down_write_trylock, tries_rt_lock);
constexpr by_kernel tries_mutex{"++++++++++++++++++++", "++++++++++++++++--+-"};
VERDICTS(mutex_trylock, tries_mutex);
VERDICTS(ww_mutex_trylock, tries_mutex);
constexpr by_kernel tries_rt_mutex{"+++++++++++++++-----", "++++++++++++++++--+-"};
VERDICTS(rt_mutex_trylock, tries_rt_mutex);

// What RCU protects is read in a reader, which a lock of PREEMPT_RT is and others are not.
constexpr by_kernel in_reader{"-----+--------------", "---+-+--++-+---+-++-"};
VERDICTS(rcu_dereference, in_reader);
constexpr by_kernel in_bh_reader{"--++-----+-+---+++++", "--++-------+---+++++"};
VERDICTS(rcu_dereference_bh, in_bh_reader);
constexpr by_kernel not_preemptible{"-+++--+-+++++--+++++", "-++---+---+-+---+--+"};
VERDICTS(rcu_dereference_sched, not_preemptible);
VERDICTS(write_seqcount_begin, not_preemptible);

// In a section without I/O or file systems allocations know it.
static_assert(inside<NoIoScope>::at(false).noio && inside<NoIoScope>::at(true).noio);
static_assert(inside<NoFsScope>::at(false).nofs && !inside<NoFsScope>::at(false).noio);

} // namespace

TEST_CASE("verdicts")
{
    // static_assert has said it all by now; this shows that the comparison can fail.
    const std::string_view mutexes = verdicts<call::mutex_lock>::text;
    CHECK(are(mutexes, sleeps));
    CHECK_FALSE(are(mutexes, spins));
    CHECK_FALSE(are(mutexes, {"+", "+"}));
}
