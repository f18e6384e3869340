// SPDX-License-Identifier: BSL-1.0
/// @file
/// lockdep: what each lock is taken in and with, and what cannot go well. Like the kernel's it
/// reports once and is off from then on.
/// @par Kernel source
/// kernel/locking/lockdep.c (5.9 ... 6.12).
#pragma once

#include <unordered_map>
#include <unordered_set>

#include <kctx/sim/core.hpp>

namespace kctx::sim {

/// How a lock is taken, and by which function.
struct lock_use {
    const char *name = nullptr;        ///< nullptr: as it has been told, or that of its kind
    unsigned subclass = 0;             ///< of *_nested(): a class of its own
    lock_mode mode = lock_mode::write; ///< for reading or for writing
    bool trylock = false;              ///< a trylock makes no order
    const char *function = nullptr;    ///< of the kernel, as a trace shows it
};

/// Lockdep: who has which locks, in which order classes were taken, and what may come of it.
class lockdep
{
    machine &m_;
    bool off_ = false;
    std::deque<lock_class> classes_;
    struct instance {
        std::uint64_t address;
        std::string name; ///< its class's, if it has been told
        std::unordered_map<unsigned, lock_class *> of{};
    };
    std::unordered_map<const void *, instance> locks_;
    std::map<std::pair<std::string, unsigned>, lock_class *> named_;
    std::map<std::string, unsigned> versions_;
    std::unordered_set<std::uint64_t> edges_; ///< of the graph, to see at once that one is there

public:
    explicit lockdep(machine &m);
    ~lockdep();
    lockdep(const lockdep &) = delete;
    lockdep &operator=(const lockdep &) = delete;

    bool off() const { return off_; } ///< whether it has reported and looks no more
    void turn_off() { off_ = true; }  ///< debug_locks_off(): after a report nothing more is checked
    std::size_t classes() const { return classes_.size(); } ///< how many there are
    std::size_t edges() const { return edges_.size(); } ///< orders of two classes that it has seen

    /// Locks of the same name are of one class (struct lock_class_key). One that nobody names is a
    /// class of its own, as if each had its own spin_lock_init().
    void name_lock(const void *lock, std::string name);
    /// The same for one that has no name yet.
    void name_lock_once(const void *lock, const char *name);
    /// The memory of a lock is free: another lock may be made there.
    void forget(const void *lock);

    /// Takes a lock: checks, and reports what is wrong (lock_acquire()).
    void acquire(const void *lock, const lock_kind &kind, const lock_use &use);
    void release(const void *lock);       ///< Gives a lock back; reports one that nobody holds.
    bool is_held(const void *lock) const; ///< lock_is_held()
    /// Whether the task that runs holds a lock of this kind.
    bool holds_kind(const lock_kind &kind) const;

private:
    std::uint64_t next_address() const;
    lock_class *class_of(instance &lock, const lock_kind &kind, const lock_use &use);
    void check(task_struct &me, held_lock &next, const char *function);
    bool check_wait_context(const task_struct &me, const held_lock &next, const call_path &path);
    lock_wait context(const task_struct &me) const;
    bool mark_usage(const task_struct &me, const held_lock &next, const call_path &path);
    bool mark(const task_struct &me, const held_lock &next, unsigned usage, const call_path &path);
    bool check_deadlock(const task_struct &me, const held_lock &next, const call_path &path);
    bool add_dependencies(const task_struct &me, const held_lock &next, const call_path &path);
    bool add_dependency(const task_struct &me, const held_lock &prev, const held_lock &next,
                        const call_path &path);
};

/// A lock is about to be taken, or a map that is none entered; nothing without
/// CONFIG_PROVE_LOCKING.
inline void lockdep_acquire(machine &m, const void *lock, const lock_kind &kind,
                            const lock_use &use = {})
{
    if (m.config.prove_locking)
        m.part<lockdep>().acquire(lock, kind, use);
}
inline void lockdep_release(machine &m, const void *lock)
{
    if (m.config.prove_locking)
        m.part<lockdep>().release(lock);
}
/// lockdep_is_held(); true where nobody knows.
inline bool lockdep_is_held(machine &m, const void *lock)
{
    return !m.config.prove_locking || m.part<lockdep>().off() || m.part<lockdep>().is_held(lock);
}

} // namespace kctx::sim
