// SPDX-License-Identifier: BSL-1.0
/// @file
/// The kernel's own locks, and the few things that a call does with them. A call of a driver is a
/// row of such things: takes this lock, allocates, waits. What comes of them where the call is made
/// is not said here: a lock that is taken checks by itself.
#pragma once

#include <deque>
#include <type_traits>
#include <unordered_map>

#include <kctx/lock/percpu_rwsem.hpp>
#include <kctx/lock/rt_mutex.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/rwsem.hpp>
#include <kctx/lock/semaphore.hpp>
#include <kctx/lock/ww_mutex.hpp>
#include <kctx/sim/paths.hpp>
#include <kctx/sim/sched.hpp>
#include <kctx/sim/sections.hpp>

/// Defines the function behind a call whose effects, in order, are all that a driver sees of it.
#define KCTX_SIM_CALL(ret, name, params, ...)                                                      \
    ret name params noexcept                                                                       \
    {                                                                                              \
        using namespace ::kctx::sim;                                                               \
        const in_call in(#name);                                                                      \
        (void)(__VA_ARGS__);                                                                       \
        return ::kctx::sim::result<ret>();                                                         \
    }

KCTX_SIM_BEGIN
namespace kctx::sim {

/// WARN_ON(@p wrong) at @p where.
inline void warn_on(bool wrong, source_line where, const char *function)
{
    if (wrong)
        here().warn(where, function);
}
/// WARN_ON_ONCE(@p wrong) at @p where.
inline void warn_once_on(bool wrong, source_line where, const char *function)
{
    if (wrong)
        here().warn_once(where, function);
}

/// All locks of a kind that the kernel has itself, on one machine.
template <class Lock> struct kernel_locks {
    std::deque<Lock> named;                        ///< by number
    std::unordered_map<const void *, Lock> inside; ///< those inside objects, by their address
    explicit kernel_locks(machine &) {}
};
inline void name_lock(const void *lock, const char *name)
{
    if (here().config.prove_locking)
        here().part<lockdep>().name_lock(lock, name);
}

/// A lock of the kernel's own; each machine has it. @p name is lockdep's.
template <class Lock> class kernel_lock
{
    static inline std::size_t next_ = 0;
    const char *name_;
    std::size_t number_ = next_++;

public:
    explicit kernel_lock(const char *name) noexcept : name_(name) {}
    /// The lock of the machine that runs.
    Lock *get() const
    {
        auto &named = here().template part<kernel_locks<Lock>>().named;
        if (named.size() <= number_) [[unlikely]]
            named.resize(next_);
        Lock *const lock = &named[number_];
        if (here().config.prove_locking) [[unlikely]]
            here().template part<lockdep>().name_lock_once(lock, name_);
        return lock;
    }
};

/// The lock inside an object that the kernel does not show.
template <class Lock> Lock *lock_inside(const void *object, const char *name)
{
    const auto [at, is_new] = here().part<kernel_locks<Lock>>().inside.try_emplace(object);
    if (is_new)
        name_lock(&at->second, name);
    return &at->second;
}
inline mutex *mutex_of(const void *object, const char *name)
{
    return lock_inside<mutex>(object, name);
}
inline spinlock_t *spinlock_of(const void *object, const char *name)
{
    return lock_inside<spinlock_t>(object, name);
}

/// raw_spin_lock_irqsave() ... raw_spin_unlock_irqrestore()
class raw_section
{
    machine &m_ = here();
    raw_spinlock_t *lock_;
    bool off_ = false;

public:
    explicit raw_section(raw_spinlock_t *lock) : lock_(lock) { enter(); }
    ~raw_section() { leave(); }
    raw_section(const raw_section &) = delete;
    raw_section &operator=(const raw_section &) = delete;
    /// Takes the lock, with interrupts off.
    void enter()
    {
        off_ = m_.local_irq_save();
        take<raw_spin>(m_, lock_, "_raw_spin_lock_irqsave");
    }
    /// Gives it back, and interrupts as they were.
    void leave()
    {
        give<raw_spin>(m_, lock_);
        m_.local_irq_restore(off_);
    }
};
/// spin_lock_irqsave() ... spin_unlock_irqrestore()
class spin_section
{
    machine &m_ = here();
    spinlock_t *lock_;
    bool off_;

public:
    explicit spin_section(spinlock_t *lock)
        : lock_(lock), off_(!m_.config.rt() && m_.local_irq_save())
    {
        take<spin>(m_, lock_, "_raw_spin_lock_irqsave");
    }
    ~spin_section()
    {
        give<spin>(m_, lock_);
        if (!m_.config.rt())
            m_.local_irq_restore(off_);
    }
    spin_section(const spin_section &) = delete;
    spin_section &operator=(const spin_section &) = delete;
};
/// rcu_read_lock() ... rcu_read_unlock()
struct rcu_section {
    rcu_section() { here().rcu_read_lock(); }
    ~rcu_section() { here().rcu_read_unlock(); }
    rcu_section(const rcu_section &) = delete;
    rcu_section &operator=(const rcu_section &) = delete;
};

// What is taken and given back before the call returns.

/// Takes a lock of the kernel and gives it back, as a call does on its way.
inline void passes(raw_spinlock_t *lock) { const raw_section inside(lock); }
inline void passes(spinlock_t *lock) { const spin_section inside(lock); }
inline void passes(mutex *lock)
{
    env::mutex_lock(lock);
    env::mutex_unlock(lock);
}
inline void passes(rt_mutex *lock)
{
    env::rt_mutex_lock(lock);
    env::rt_mutex_unlock(lock);
}
inline void passes(ww_mutex *lock)
{
    env::ww_mutex_lock_slow(lock);
    env::ww_mutex_unlock(lock);
}
inline void passes(rw_semaphore *lock)
{
    env::down_write(lock);
    env::up_write(lock);
}
template <class Lock> void passes(const kernel_lock<Lock> &lock) { passes(lock.get()); }
/// As a reader.
inline void reads(const kernel_lock<rw_semaphore> &lock)
{
    env::down_read(lock.get());
    env::up_read(lock.get());
}
inline void reads(const kernel_lock<rwlock_t> &lock)
{
    env::read_lock(lock.get());
    env::read_unlock(lock.get());
}
/// Takes a lock for writing and gives it back.
inline void writes(const kernel_lock<rwlock_t> &lock)
{
    env::write_lock(lock.get());
    env::write_unlock(lock.get());
}
/// By spin_lock(), which keeps nothing else out.
inline void passes_plain(spinlock_t *lock)
{
    take<spin>(here(), lock, "_raw_spin_lock");
    give<spin>(here(), lock);
}

/// Nothing that a driver sees.
inline void nothing() {}

// What is waited for.

/// might_sleep(), and what it stands for has happened already. (The line of the kernel's file is
/// another one in each release.)
inline void sleeps(const char *file, int line = 0)
{
    const source_line where = at(file, line);
    here().might_sleep(where.file, where.line);
}
/// wait_for_completion(): the device has answered.
inline void awaits() { sleeps("kernel/sched/completion.c", 111); }
/// What it waits for is there, unless the machine is to take the paths that wait.
inline void waits_if_contended()
{
    if (paths().contended)
        env::io_schedule();
}
/// Drops a reference; what it does with the last one may sleep.
inline void drops_last(const char *file)
{
    if (paths().last_reference)
        sleeps(file);
}

/// What a call returns that has done what it was asked to: 0, an object, nothing.
template <class T> T result()
{
    if constexpr (__is_same(T, void)) {
        return;
    } else if constexpr (std::is_pointer_v<T>) {
        static std::max_align_t something[16];
        return reinterpret_cast<T>(something);
    } else {
        return T{};
    }
}

} // namespace kctx::sim
KCTX_SIM_END
