// SPDX-License-Identifier: BSL-1.0
// What a lock's type forbids, against what the kernel expects of lockdep (lib/locking-selftest.c).
#include <kctx/all.hpp>

#include "../kernel/facts.hpp"

using namespace kctx;

namespace tests {

/// Whether the type of lock @p L lets @p Call take it in context @p C.
template <class L, class Lock, class Call, class C>
constexpr bool lets = detail::lock_for<L, Lock, C, Call>;

// Of the two locks of the scenarios an interrupt takes A.
template <class Irq> struct spin_a : spinlock_t, used_in<Irq> {};
template <class Irq> struct write_a : rwlock_t, used_in<Irq> {};
template <class Irq> struct read_a : rwlock_t, read_in<Irq> {};
struct spin_b : spinlock_t, used_in<ProcessCtx> {};
struct write_b : rwlock_t, used_in<ProcessCtx> {};

using irqs_off = IrqsDisabled<ProcessCtx>;

// "irqs-on + irq-safe-A": an interrupt takes A, and so does a task with interrupts on.
template <class Irq>
constexpr bool irqs_on_spin = lets<spin_a<Irq>, spinlock_t, call::spin_lock, ProcessCtx>;
template <class Irq>
constexpr bool irqs_on_write = lets<write_a<Irq>, rwlock_t, call::write_lock, ProcessCtx>;
template <class Irq>
constexpr bool irqs_on_read = lets<read_a<Irq>, rwlock_t, call::read_lock, ProcessCtx>;
// "safe-A + unsafe-B": under A a task takes B, which is also taken with interrupts on.
template <class Irq>
constexpr bool under_spin =
    lets<spin_b, spinlock_t, call::spin_lock, SpinLockedIrqsave<spin_a<Irq>, ProcessCtx>>;
template <class Irq>
constexpr bool under_write =
    lets<write_b, rwlock_t, call::write_lock, WriteLockedIrqsave<write_a<Irq>, ProcessCtx>>;
template <class Irq>
constexpr bool under_read =
    lets<write_b, rwlock_t, call::write_lock, ReadLockedIrqsave<read_a<Irq>, ProcessCtx>>;

// A softirq is an interrupt, which must not find B held; that of PREEMPT_RT is a thread, which may
// wait for its owner (include/linux/irqflags.h, lockdep_softirq_enter()).
using in_softirq = SpinLocked<spin_b, SoftirqCtx>;
static_assert(detail::misuse_on<in_softirq, call::spin_lock>(false) == detail::misuse::irq_unsafe);
static_assert(detail::misuse_on<in_softirq, call::spin_lock>(true) == detail::misuse::none);

struct a_spin : spinlock_t {};
struct a_rwlock : rwlock_t {};
struct a_mutex : mutex {};
struct a_rwsem : rw_semaphore {};
struct a_rt_mutex : rt_mutex {};
constexpr bool again_spin = lets<a_spin, spinlock_t, call::spin_lock, SpinLocked<a_spin, IrqCtx>>;
constexpr bool again_write =
    lets<a_rwlock, rwlock_t, call::write_lock, WriteLocked<a_rwlock, IrqCtx>>;
constexpr bool again_read = lets<a_rwlock, rwlock_t, call::read_lock, ReadLocked<a_rwlock, IrqCtx>>;
constexpr bool read_then_write =
    lets<a_rwlock, rwlock_t, call::write_lock, ReadLocked<a_rwlock, IrqCtx>>;
constexpr bool write_then_read =
    lets<a_rwlock, rwlock_t, call::read_lock, WriteLocked<a_rwlock, IrqCtx>>;
static_assert(read_then_write == write_then_read);
constexpr bool again_mutex =
    lets<a_mutex, mutex, call::mutex_lock, MutexLocked<a_mutex, ProcessCtx>>;
constexpr bool again_rt_mutex =
    lets<a_rt_mutex, rt_mutex, call::rt_mutex_lock, RtMutexLocked<a_rt_mutex, ProcessCtx>>;
constexpr bool again_down_read =
    lets<a_rwsem, rw_semaphore, call::down_read, RwsemReadLocked<a_rwsem, ProcessCtx>>;
constexpr bool again_down_write =
    lets<a_rwsem, rw_semaphore, call::down_write, RwsemWriteLocked<a_rwsem, ProcessCtx>>;

// A-B-B-A, as a driver states which of the two comes first.
template <class Lock, int Number> struct ordered : Lock, lock_order<Number> {};
constexpr bool abba_spin = lets<ordered<spinlock_t, 1>, spinlock_t, call::spin_lock,
                                SpinLocked<ordered<spinlock_t, 2>, ProcessCtx>>;
constexpr bool abba_write = lets<ordered<rwlock_t, 1>, rwlock_t, call::write_lock,
                                 WriteLocked<ordered<rwlock_t, 2>, ProcessCtx>>;
constexpr bool abba_mutex =
    lets<ordered<mutex, 1>, mutex, call::mutex_lock, MutexLocked<ordered<mutex, 2>, ProcessCtx>>;
constexpr bool abba_down_write = lets<ordered<rw_semaphore, 1>, rw_semaphore, call::down_write,
                                      RwsemWriteLocked<ordered<rw_semaphore, 2>, ProcessCtx>>;
constexpr bool abba_down_read = lets<ordered<rw_semaphore, 1>, rw_semaphore, call::down_read,
                                     RwsemReadLocked<ordered<rw_semaphore, 2>, ProcessCtx>>;
constexpr bool abba_rt_mutex = lets<ordered<rt_mutex, 1>, rt_mutex, call::rt_mutex_lock,
                                    RtMutexLocked<ordered<rt_mutex, 2>, ProcessCtx>>;

struct cell {
    const char *group;
    const char *column;
    const char *expected; ///< as it stands in the cell, or in a comma's part of it
    bool lets;
};
constexpr cell cells[] = {
    {"irqs-on + irq-safe-A", "expected_spin", "FAILURE", irqs_on_spin<IrqCtx>},
    {"irqs-on + irq-safe-A", "expected_spin", "FAILURE", irqs_on_spin<SoftirqCtx>},
    {"irqs-on + irq-safe-A", "expected_write", "FAILURE", irqs_on_write<IrqCtx>},
    {"irqs-on + irq-safe-A", "expected_write", "FAILURE", irqs_on_write<SoftirqCtx>},
    {"irqs-on + irq-safe-A", "expected_read", "SUCCESS", irqs_on_read<IrqCtx>},
    {"irqs-on + irq-safe-A", "expected_read", "SUCCESS", irqs_on_read<SoftirqCtx>},
    {"safe-A + unsafe-B #1", "expected_spin", "FAILURE", under_spin<IrqCtx>},
    {"safe-A + unsafe-B #1", "expected_write", "FAILURE", under_write<IrqCtx>},
    {"safe-A + unsafe-B #1", "expected_read", "SUCCESS", under_read<IrqCtx>},
    {"safe-A + unsafe-B #2", "expected_spin", "FAILURE", under_spin<SoftirqCtx>},
    {"safe-A + unsafe-B #2", "expected_write", "FAILURE", under_write<SoftirqCtx>},
    {"safe-A + unsafe-B #2", "expected_read", "SUCCESS", under_read<SoftirqCtx>},
    {"irq lock-inversion", "expected_spin", "FAILURE", under_spin<IrqCtx>},
    {"irq lock-inversion", "expected_write", "FAILURE", under_write<IrqCtx>},
    {"irq lock-inversion", "expected_read", "SUCCESS", under_read<IrqCtx>},
    // in the interrupt A is written, or read, and a task reads it with interrupts on
    {"irq read-recursion", "expected_write", "FAILURE",
     lets<write_a<IrqCtx>, rwlock_t, call::read_lock, ProcessCtx>},
    {"irq read-recursion", "expected_read", "SUCCESS", irqs_on_read<IrqCtx>},
    {"irq read-recursion #2", "expected_write", "FAILURE",
     lets<write_a<SoftirqCtx>, rwlock_t, call::read_lock, ProcessCtx>},
    {"irq read-recursion #2", "expected_read", "SUCCESS", irqs_on_read<SoftirqCtx>},
    {"A-A deadlock", "expected_spin", "FAILURE", again_spin},
    {"A-A deadlock", "expected_write", "FAILURE", again_write},
    {"A-A deadlock", "expected_read", "SUCCESS", again_read},
    {"A-A deadlock", "expected_other_types", "mutex FAILURE", again_mutex},
    {"A-A deadlock", "expected_other_types", "rwsem write FAILURE", again_down_write},
    {"A-A deadlock", "expected_other_types", "rwsem read FAILURE", again_down_read},
    {"A-A deadlock", "expected_other_types", "rt_mutex FAILURE", again_rt_mutex},
    {"A-B-B-A and longer cycles", "expected_spin", "FAILURE", abba_spin},
    {"A-B-B-A and longer cycles", "expected_write", "FAILURE", abba_write},
    {"A-B-B-A and longer cycles", "expected_other_types", "mutex FAILURE", abba_mutex},
    {"A-B-B-A and longer cycles", "expected_other_types", "rwsem write FAILURE", abba_down_write},
    {"A-B-B-A and longer cycles", "expected_other_types", "rwsem read FAILURE", abba_down_read},
    {"A-B-B-A and longer cycles", "expected_other_types", "rt_mutex FAILURE", abba_rt_mutex},
    {"recursive read-lock (A-A read)", "expected_read", "SUCCESS", again_read},
    {"recursive read-lock (A-A read)", "expected_other_types", "rwsem read FAILURE",
     again_down_read},
    {"mixed read-write-lock / write-read-lock", "expected_read", "FAILURE", read_then_write},
    {"mixed read-write-lock / write-read-lock", "expected_other_types", "rwsem FAILURE",
     lets<a_rwsem, rw_semaphore, call::down_write, RwsemReadLocked<a_rwsem, ProcessCtx>>},
};

/// What types do not say, and why.
const std::map<std::string, const char *> left_out = {
    {"sirq-safe-A => hirqs-on", "a token does not outlive the section that turned interrupts off"},
    {"safe-A + irqs-on", "a token does not outlive the section that turned interrupts off"},
    {"irq read-recursion #3", "who reads and who writes B is not declared apart"},
    {"hardirq read-lock/lock-read (queued rwlock)", "needs the order of the two in each context"},
    {"hardirq lock-read/read-lock (queued rwlock)", "needs the order of the two in each context"},
    {"hardirq inversion (queued rwlock)", "needs the order of the two in each context"},
    {"local_lock inversion 2", "what the order was elsewhere"},
    {"local_lock inversion 3A", "what the order was elsewhere"},
    {"local_lock inversion 3B", "what the order was elsewhere"},
    {"hardirq_unsafe_softirq_safe", "a chain of three through two functions"},
    {"fs_reclaim correct nesting", "no lock of the driver"},
    {"fs_reclaim wrong nesting", "no lock of the driver"},
    {"fs_reclaim protected nesting", "no lock of the driver"},
    {"mixed read-lock/lock-read ABBA", "a lock_order<> holds for readers, too"},
};

} // namespace tests
using namespace tests;

TEST_CASE("the kernel's own expectations")
{
    std::map<std::string, facts::row> rows;
    for (const facts::row &row : facts::read("irq_safety_selftest.tsv"))
        rows[row.at("group")] = row;
    std::map<std::string, int> compared;
    for (const cell &c : cells) {
        CAPTURE(c.group);
        CAPTURE(c.column);
        CAPTURE(c.expected);
        REQUIRE(rows.count(c.group) == 1);
        CHECK(rows[c.group].at(c.column).find(c.expected) != std::string::npos);
        CHECK(c.lets == (std::string(c.expected).find("SUCCESS") != std::string::npos));
        ++compared[c.group];
    }
    for (const auto &row : rows) {
        const std::string &group = row.first;
        CAPTURE(group);
        CHECK((compared.count(group) == 1) != (left_out.count(group) == 1));
    }
}

// The forms that are legal.
namespace tests {

struct rx_lock : spinlock_t, used_in<IrqCtx, TimerCtx>, lock_order<20> {};
struct hw_lock : raw_spinlock_t, used_in<HardIrqCtx>, lock_order<30> {};
struct card_lock : mutex, lock_order<10> {};
struct plain_lock : spinlock_t {};
template <class Call, class C> constexpr bool rx = lets<rx_lock, spinlock_t, Call, C>;
template <class Call, class C> constexpr bool hw = lets<hw_lock, raw_spinlock_t, Call, C>;
struct softirqs_lock : raw_spinlock_t, used_in<SoftirqCtx> {};
struct unknown_lock : raw_spinlock_t {};
struct rx_timer : timer_list {};
struct tx_timer : timer_list {};
template <class... C> struct timers_lock : spinlock_t, used_in<C...> {};
template <class Lock, class Object>
constexpr bool held_for = detail::waits_for_callback<Object, SpinLockedBh<Lock, ProcessCtx>>;

} // namespace tests

TEST_CASE("a lock that interrupts take is taken so that they cannot come")
{
    CHECK(rx<call::spin_lock_irqsave, ProcessCtx>);
    CHECK(rx<call::spin_lock_irq, ProcessCtx>);
    CHECK(rx<call::spin_lock, IrqCtx>);
    CHECK_FALSE(rx<call::spin_lock_bh, ProcessCtx>);
    CHECK_FALSE(rx<call::spin_lock, TimerCtx>); // the hard irq comes there
    CHECK(rx<call::spin_lock_irqsave, TimerCtx>);
    CHECK_FALSE(rx<call::spin_lock, ProcessCtx>);
    CHECK_FALSE(rx<call::spin_trylock, ProcessCtx>);
    CHECK(hw<call::raw_spin_lock, HardIrqCtx>);
    CHECK(hw<call::raw_spin_lock, IrqsDisabled<ProcessCtx>>);
    CHECK_FALSE(hw<call::raw_spin_lock, ProcessCtx>);
    // On PREEMPT_RT spin_lock_irqsave() leaves interrupts on, and an IrqCtx is a thread.
    CHECK_FALSE(hw<call::raw_spin_lock, SpinLockedIrqsave<plain_lock, ProcessCtx>>);
    CHECK(hw<call::raw_spin_lock_irqsave, SpinLockedIrqsave<plain_lock, ProcessCtx>>);
    CHECK_FALSE(hw<call::raw_spin_lock, IrqCtx>);
    CHECK(hw<call::raw_spin_lock_irqsave, IrqCtx>);
}

TEST_CASE("an interrupt that the type does not name does not take it")
{
    using from = raw_spinlock_t;
    CHECK(lets<softirqs_lock, from, call::raw_spin_lock, TimerCtx>);
    CHECK(lets<softirqs_lock, from, call::raw_spin_lock_bh, WorkCtx>);
    CHECK_FALSE(lets<softirqs_lock, from, call::raw_spin_lock, IrqCtx>);
    CHECK(lets<softirqs_lock, from, call::raw_spin_trylock, IrqCtx>);
    CHECK(lets<unknown_lock, from, call::raw_spin_lock, IrqCtx>);
    CHECK(lets<unknown_lock, from, call::raw_spin_lock, ProcessCtx>);
    CHECK(lets<spinlock_t, spinlock_t, call::spin_lock, SpinLocked<spinlock_t, ProcessCtx>>);
}

TEST_CASE("an interrupt that only reads does not write")
{
    using read_by_irq = read_a<IrqCtx>;
    CHECK(lets<read_by_irq, rwlock_t, call::read_lock, IrqCtx>);
    CHECK(lets<read_by_irq, rwlock_t, call::read_lock, ProcessCtx>);
    CHECK(lets<read_by_irq, rwlock_t, call::write_lock_irqsave, ProcessCtx>);
    CHECK_FALSE(lets<read_by_irq, rwlock_t, call::write_lock, IrqCtx>);
    CHECK_FALSE(lets<read_by_irq, rwlock_t, call::write_lock_irqsave, IrqCtx>);
}

TEST_CASE("a lock knows whose callbacks take it")
{
    using rx = CallbackOf<rx_timer, TimerCtx>;
    CHECK(held_for<timers_lock<rx>, rx_timer>);
    CHECK_FALSE(held_for<timers_lock<rx>, tx_timer>);
    CHECK(held_for<timers_lock<WorkCtx, rx>, rx_timer>);
    CHECK_FALSE(held_for<timers_lock<WorkCtx, rx>, tx_timer>);
    CHECK_FALSE(held_for<timers_lock<WorkCtx, TimerCtx>, rx_timer>);
}

TEST_CASE("locks are taken in their order, of which a trylock is free")
{
    using in_card = MutexLocked<card_lock, ProcessCtx>;
    using in_rx = SpinLockedIrqsave<rx_lock, in_card>;
    CHECK(rx<call::spin_lock_irqsave, in_card>);
    CHECK(hw<call::raw_spin_lock_irqsave, in_rx>);
    CHECK_FALSE(rx<call::spin_lock, RawSpinLockedIrqsave<hw_lock, ProcessCtx>>);
    CHECK_FALSE(rx<call::spin_lock, SpinLocked<plain_lock, RawSpinLockedIrqsave<hw_lock, IrqCtx>>>);
    CHECK(rx<call::spin_trylock, RawSpinLockedIrqsave<hw_lock, ProcessCtx>>);
    CHECK(lets<plain_lock, spinlock_t, call::spin_lock, in_rx>);
    CHECK_FALSE(lets<card_lock, mutex, call::mutex_lock_interruptible, in_rx>);
    CHECK(lets<card_lock, mutex, call::mutex_trylock, in_rx>);
}

TEST_CASE("a class of locks is as large as its lock")
{
    CHECK(sizeof(rx_lock) == sizeof(spinlock_t));
    CHECK(sizeof(card_lock) == sizeof(mutex));
}
