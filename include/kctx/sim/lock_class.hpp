// SPDX-License-Identifier: BSL-1.0
/// @file
/// What lockdep knows of a lock: its kind, its class, and that a task holds it.
/// @par Kernel source
/// include/linux/lockdep_types.h (6.12); the wait types are those of 5.8 and later.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kctx::sim {

/// How a lock waits, LD_WAIT_*: who may be waited for where.
enum class lock_wait : unsigned char {
    unchecked, ///< LD_WAIT_INV
    free,      ///< waits for nobody: rcu_read_lock()
    spin,      ///< raw_spinlock_t
    config,    ///< spinlock_t: spins, or sleeps on PREEMPT_RT
    sleep,     ///< mutex
    max,       ///< a task that holds nothing
};

/// What all locks of a kind have in common.
struct lock_kind {
    const char *name;                       ///< of a lock that nobody has given another
    lock_wait inner;                        ///< how what is taken inside it may wait at most
    lock_wait outer = lock_wait::unchecked; ///< how it waits itself, if not like inner
    bool waits_override = false;            ///< inside it inner holds, whatever is outside
};

/// The kinds, with the wait type that lockdep gives them (enum lockdep_wait_type).
inline constexpr lock_kind raw_spinlock_kind{"raw_spinlock", lock_wait::spin};
inline constexpr lock_kind spinlock_kind{"spinlock", lock_wait::config};
inline constexpr lock_kind rwlock_kind{"rwlock", lock_wait::config};
inline constexpr lock_kind local_lock_kind{"local_lock", lock_wait::config};
inline constexpr lock_kind mutex_kind{"mutex", lock_wait::sleep};
inline constexpr lock_kind rwsem_kind{"rw_semaphore", lock_wait::sleep};
inline constexpr lock_kind rt_mutex_kind{"rt_mutex", lock_wait::sleep};
inline constexpr lock_kind seqcount_kind{"seqcount", lock_wait::unchecked};
/// Maps of no lock: wait_for_completion(), flush_work(), fs_reclaim, percpu_rwsem.
inline constexpr lock_kind map_kind{"lock_map", lock_wait::unchecked};
inline constexpr lock_kind rcu_kind{"rcu_read_lock", lock_wait::config, lock_wait::free};
inline constexpr lock_kind rcu_bh_kind{"rcu_read_lock_bh", lock_wait::config, lock_wait::free};
inline constexpr lock_kind rcu_sched_kind{"rcu_read_lock_sched", lock_wait::spin, lock_wait::free};
inline constexpr lock_kind local_bh_kind{"local_bh", lock_wait::config, lock_wait::free};

/// How a lock is taken.
enum class lock_mode : unsigned char { write, read, read_recursive };

/// The kinds of use of a class that are remembered (enum lock_usage_bit). Read is 1 more.
enum lock_usage : unsigned {
    used_in_hardirq = 0,
    enabled_hardirq = 2,
    used_in_softirq = 4,
    enabled_softirq = 6,
    lock_usages = 8,
};

/// How a class was taken outside of NMIs, bits of lock_class::used.
inline constexpr unsigned char used_for_writing = 1; ///< for writing, or as the only holder
inline constexpr unsigned char used_for_reading = 2; ///< for reading

/// All locks that lockdep treats alike: by default those initialised at one place.
struct lock_class {
    std::string name;       ///< as reports print it
    const lock_kind *kind;  ///< what it waits like
    unsigned number = 0;    ///< the n-th class, from 0
    unsigned version = 1;   ///< the n-th of this name, from 1
    unsigned subclass = 0;  ///< spin_lock_nested()
    unsigned usage = 0;     ///< a bit for each lock_usage
    unsigned char used = 0; ///< used_for_writing, used_for_reading: outside of NMIs

    /// A lock of class @p next is taken with one of this held.
    /// That a lock of another class was taken while one of this was held.
    struct edge {
        lock_class *next;                 ///< the class taken
        bool shared_prev;                 ///< this one was held by a reader
        bool recursive_next;              ///< by read_lock(), which other readers do not keep out
        std::vector<const char *> frames; ///< where, outermost first
    };
    std::vector<edge> after{};          ///< those taken while one of this was held
    std::vector<lock_class *> before{}; ///< those held while one of this was taken
    /// Where it was so used the first time; and where at all, by a writer and by a reader.
    std::vector<const char *> used_at[lock_usages + 2]{};
};

/// A lock that a task has, or an interrupt of the task.
struct held_lock {
    lock_class *of;            ///< its class
    std::uint64_t address;     ///< as reports print it
    const void *lock;          ///< which of the class
    const char *at;            ///< the function that took it
    lock_mode mode;            ///< for reading or for writing
    bool trylock;              ///< taken by a trylock, which never waits
    bool irqs_off;             ///< whether interrupts were off then
    unsigned char irq_context; ///< 2 for a hard irq's, 1 for a softirq's, 0
};

} // namespace kctx::sim
