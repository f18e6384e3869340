// SPDX-License-Identifier: BSL-1.0
// What the kernel's self-test of lockdep expects of locks that interrupts take, of a lock taken
// twice and of the order of locks (tests/data/facts/irq_safety_selftest.tsv), against what kctx
// says of locks whose types say the same: used_in<>, read_in<>, lock_order<>.
#include "cells.hpp"

#include <kctx/all.hpp>

#include <cstdio>
#include <map>

using namespace kctx;

namespace {

/// SUCCESS or FAILURE for spinlock_t, a rwlock_t written and read, and the other locks of a row;
/// '-' where the row says nothing, '?' where kctx has no word for it, and says so below.
struct verdict {
    char spin;
    char write;
    char read;
    char other;
};

constexpr char word(bool accepted) { return accepted ? '+' : 'F'; }

/// Whether taking the lock of @p Token, which is nested as its type says, is refused on a kernel
/// without PREEMPT_RT, where softirqs are no threads.
template <class Token> constexpr bool accepted()
{
    using outer = typename Token::outer;
    using call = typename Token::call;
    using lock = typename Token::lock;
    if constexpr (detail::waits_for_self<lock, outer, call>)
        return false;
    else if constexpr (detail::lock_class<lock>)
        return detail::misuse_on<Token, call>(false) == detail::misuse::none;
    else
        return true;
}

template <class Base, class... Says> struct lock : Base, Says... {};

/// The rows of one interrupt, @p Irq: a hard one or a softirq.
template <class Irq> struct safe {
    // A is taken in the interrupt; of B it is said that it is not.
    struct spin_a : lock<spinlock_t, used_in<Irq>> {};
    struct spin_b : lock<spinlock_t, used_in<ProcessCtx>> {};
    struct write_a : lock<rwlock_t, used_in<Irq>> {};
    struct write_b : lock<rwlock_t, used_in<ProcessCtx>> {};
    struct read_a : lock<rwlock_t, read_in<Irq>> {};
    struct read_b : lock<rwlock_t, read_in<ProcessCtx>> {};

    /// A, taken elsewhere with interrupts on.
    static constexpr verdict irqs_on = {word(accepted<SpinLocked<spin_a, ProcessCtx>>()),
                                        word(accepted<WriteLocked<write_a, ProcessCtx>>()),
                                        word(accepted<ReadLocked<read_a, ProcessCtx>>()), '-'};
    /// B, taken with interrupts on elsewhere, inside A.
    template <class C>
    static constexpr verdict inside = {
        word(accepted<SpinLocked<spin_b, SpinLocked<spin_a, C>>>()),
        word(accepted<WriteLocked<write_b, WriteLocked<write_a, C>>>()),
        word(accepted<ReadLocked<read_b, ReadLocked<read_a, C>>>()), '-'};
    /// A, written with interrupts off and read with interrupts on; the interrupt writes or reads.
    static constexpr verdict read_recursion = {
        '-', word(accepted<ReadLocked<write_a, ProcessCtx>>()),
        word(accepted<ReadLocked<read_a, ProcessCtx>>() &&
             accepted<WriteLocked<read_a, IrqsDisabled<ProcessCtx>>>()),
        '-'};
};
using hard = safe<IrqCtx>;
using soft = safe<SoftirqCtx>;
using irqs_off = IrqsDisabled<ProcessCtx>;

template <class Base> struct ordered {
    struct first : lock<Base, lock_order<1>> {};
    struct second : lock<Base, lock_order<2>> {};
};

/// The same lock twice, and the order of two locks, of each kind.
template <class Base, template <class, class> class Held> constexpr bool twice()
{
    return accepted<Held<Base, Held<Base, ProcessCtx>>>();
}
template <class Base, template <class, class> class Held> constexpr bool inverted()
{
    using of = ordered<Base>;
    return accepted<Held<typename of::first, Held<typename of::second, ProcessCtx>>>();
}
constexpr bool all(std::initializer_list<bool> verdicts, bool expected)
{
    for (const bool v : verdicts) {
        if (v != expected)
            return false;
    }
    return true;
}

struct irq_rwlock : lock<rwlock_t, used_in<HardIrqCtx>> {};
struct irq_spinlock : lock<spinlock_t, used_in<HardIrqCtx>> {};
struct task_rwlock : lock<rwlock_t, used_in<ProcessCtx>> {};
struct task_spinlock : lock<spinlock_t, used_in<ProcessCtx>> {};
struct hard_lock : lock<spinlock_t, used_in<IrqCtx>> {};
struct any_lock : lock<spinlock_t, used_in<IrqCtx>> {};
struct soft_lock : lock<spinlock_t, used_in<SoftirqCtx>> {};

/// The same for both interrupts, or '!' if they differ.
constexpr verdict both(verdict a, verdict b)
{
    const auto same = [](char x, char y) { return x == y ? x : '!'; };
    return {same(a.spin, b.spin), same(a.write, b.write), same(a.read, b.read),
            same(a.other, b.other)};
}

const std::map<std::string, verdict> verdicts = {
    {"irqs-on + irq-safe-A", both(hard::irqs_on, soft::irqs_on)},
    {"safe-A + unsafe-B #1", both(hard::inside<ProcessCtx>, soft::inside<ProcessCtx>)},
    {"safe-A + unsafe-B #2", both(hard::inside<irqs_off>, soft::inside<irqs_off>)},
    {"irq lock-inversion", both(hard::inside<irqs_off>, soft::inside<irqs_off>)},
    {"irq read-recursion", both(hard::read_recursion, soft::read_recursion)},
    // B outside is taken by the interrupt, A inside only elsewhere, with interrupts on.
    {"irq read-recursion #2",
     {'-', word(accepted<WriteLocked<task_rwlock, WriteLocked<irq_rwlock, irqs_off>>>()), '?',
      '-'}},
    {"irq read-recursion #3",
     {'-', word(accepted<WriteLocked<task_rwlock, WriteLocked<irq_rwlock, irqs_off>>>()), '?',
      '-'}},
    {"hardirq read-lock/lock-read (queued rwlock)",
     {'-', '-', word(inverted<rwlock_t, ReadLocked>()), '-'}},
    {"hardirq inversion (queued rwlock)",
     {'-', '-', word(accepted<ReadLocked<task_rwlock, SpinLocked<irq_spinlock, irqs_off>>>()),
      '-'}},
    {"local_lock inversion 2",
     {'-', '-', '-', word(accepted<LocalLocked<local_lock_t, SpinLocked<hard_lock, irqs_off>>>())}},
    {"local_lock inversion 3A",
     {'-', '-', '-',
      word(accepted<LocalLocked<local_lock_t, SpinLocked<hard_lock, irqs_off>>>() &&
           accepted<SpinLocked<task_spinlock, LocalLocked<local_lock_t, ProcessCtx>>>())}},
    {"local_lock inversion 3B",
     {'-', '-', '-', word(accepted<SpinLocked<task_spinlock, SpinLocked<hard_lock, irqs_off>>>())}},
    {"hardirq_unsafe_softirq_safe",
     {'-', '-', '-',
      word(accepted<
           SpinLocked<soft_lock, SpinLocked<any_lock, SpinLocked<hard_lock, irqs_off>>>>())}},
    {"A-A deadlock",
     {word(twice<spinlock_t, SpinLocked>()), word(twice<rwlock_t, WriteLocked>()),
      word(twice<rwlock_t, ReadLocked>()),
      word(!all({twice<mutex, MutexLocked>(), twice<rw_semaphore, RwsemWriteLocked>(),
                 twice<rw_semaphore, RwsemReadLocked>(), twice<rt_mutex, RtMutexLocked>()},
                false))}},
    {"A-B-B-A and longer cycles",
     {word(inverted<spinlock_t, SpinLocked>()), word(inverted<rwlock_t, WriteLocked>()), '?',
      word(!all({inverted<mutex, MutexLocked>(), inverted<rw_semaphore, RwsemWriteLocked>(),
                 inverted<rw_semaphore, RwsemReadLocked>(), inverted<rt_mutex, RtMutexLocked>()},
                false))}},
    {"recursive read-lock (A-A read)",
     {'-', '-', word(twice<rwlock_t, ReadLocked>()), word(twice<rw_semaphore, RwsemReadLocked>())}},
    {"mixed read-write-lock / write-read-lock",
     {'-', '-',
      word(accepted<ReadLocked<rwlock_t, WriteLocked<rwlock_t, ProcessCtx>>>() ||
           accepted<WriteLocked<rwlock_t, ReadLocked<rwlock_t, ProcessCtx>>>()),
      word(accepted<RwsemReadLocked<rw_semaphore, RwsemWriteLocked<rw_semaphore, ProcessCtx>>>() ||
           accepted<RwsemWriteLocked<rw_semaphore, RwsemReadLocked<rw_semaphore, ProcessCtx>>>())}},
    {"mixed read-lock/lock-read ABBA",
     {'-', '-', '?', word(inverted<rw_semaphore, RwsemReadLocked>())}},
};

/// Rows, or their columns marked '?', that kctx answers otherwise, and why.
const std::map<std::string, const char *> otherwise = {
    {"sirq-safe-A => hirqs-on",
     "sections nest: interrupts come on again after the lock is given back"},
    {"safe-A + irqs-on", "sections nest: interrupts come on again after the lock is given back"},
    {"irq read-recursion #2",
     "stricter: a type says which contexts take it, not which only read it under another"},
    {"irq read-recursion #3",
     "stricter: a type says which contexts take it, not which only read it under another"},
    {"hardirq lock-read/read-lock (queued rwlock)",
     "stricter: a place in the order holds for readers, too"},
    {"A-B-B-A and longer cycles", "stricter: a place in the order holds for readers, too"},
    {"mixed read-lock/lock-read ABBA", "stricter: a place in the order holds for readers, too"},
    {"fs_reclaim correct nesting", "undecided: kctx knows no lock that reclaim takes"},
    {"fs_reclaim wrong nesting", "undecided: kctx knows no lock that reclaim takes"},
    {"fs_reclaim protected nesting", "undecided: kctx knows no lock that reclaim takes"},
};

/// What a column expects; the last says it of several locks: "mutex FAILURE, rwsem read FAILURE".
char expectation(const truth::line &l, std::size_t column)
{
    const std::string &text = l.columns[column];
    const bool success = text.find("SUCCESS") != text.npos;
    const bool failure = text.find("FAILURE") != text.npos;
    if (success && failure)
        throw truth::unusable(l.where + ": \"" + text + "\" expects both");
    if (!success && !failure && text != "-")
        throw truth::unusable(l.where + ": \"" + text + "\" is no expectation");
    return success ? '+' : failure ? 'F' : '-';
}

int compare(const std::string &path)
{
    unsigned compared = 0;
    unsigned differ = 0;
    unsigned unsaid = 0;
    std::map<std::string, bool> seen;
    for (const truth::line &l : truth::read_table(
             path, "group\ttests\tscenario_in_words\texpected_spin\texpected_write\texpected_read\t"
                   "expected_other_types\trt_kernel\tremark")) {
        const std::string &group = l.columns[0];
        seen[group] = true;
        const auto ours = verdicts.find(group);
        const auto reason = otherwise.find(group);
        if (ours == verdicts.end() && reason == otherwise.end()) {
            std::printf("FAILED: %s: \"%s\" is not known here\n", l.where.c_str(), group.c_str());
            ++differ;
            continue;
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const char expected = expectation(l, 3 + i);
            if (expected == '-')
                continue;
            const verdict v = ours == verdicts.end() ? verdict{'?', '?', '?', '?'} : ours->second;
            const char said = i == 0 ? v.spin : i == 1 ? v.write : i == 2 ? v.read : v.other;
            if (said == '?' && reason != otherwise.end()) {
                ++unsaid;
            } else {
                ++compared;
                if (said != expected) {
                    ++differ;
                    std::printf(
                        "FAILED: %s: \"%s\", column %zu: the kernel's self-test expects %s, "
                        "kctx says %c\n",
                        l.where.c_str(), group.c_str(), i + 4,
                        expected == '+' ? "success" : "failure", said);
                }
            }
        }
    }
    for (const auto &row : verdicts)
        differ += !seen.contains(row.first);
    for (const auto &[group, why] : otherwise) {
        differ += !seen.contains(group);
        std::printf("  %s: %s\n", group.c_str(), why);
    }
    std::printf("irq-safety: %u expectations compared, %u differ, %u otherwise for a reason\n",
                compared, differ, unsaid);
    return differ != 0;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: irq_safety FILE\n");
        return 2;
    }
    try {
        return compare(argv[1]);
    } catch (const truth::unusable &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
}
