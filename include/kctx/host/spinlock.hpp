// SPDX-License-Identifier: BSL-1.0
/// @file
/// Spinning locks: a word of the lock says whether it is held, the other by whom. Interrupts off
/// and sections that must not sleep are those of cpu.hpp; bottom halves run on a thread of their
/// own, so that turning them off is no more than such a section.
/// @par Kernel source
/// The messages: kernel/locking/spinlock_debug.c, spin_bug(), rwlock_bug() (6.12).
#pragma once

#include <kctx/host/cpu.hpp>
#include <kctx/lock/bit_spinlock.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/spinlock_irq.hpp>
#include <kctx/lock/trylock.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

/// Another look at a lock that somebody holds: soon at first, later after the others had a turn,
/// since its owner may not have a processor.
class spin_wait
{
    unsigned looks_ = 0;
    clock::time_point since_{};
    bool said_ = false;

public:
    void pause(const char *kind, const void *lock) noexcept
    {
        if (++looks_ < 64) {
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#endif
            return;
        }
        std::this_thread::yield();
        if (debug && looks_ % 1024 == 0)
            suspect(kind, lock);
    }

private:
    void suspect(const char *kind, const void *lock) noexcept
    {
        const clock::time_point now = clock::now();
        if (since_ == clock::time_point{})
            since_ = now;
        if (said_ || now - since_ < std::chrono::seconds(1))
            return;
        said_ = true;
        env::printk_at(KERN_EMERG, "BUG: %s lockup suspected on CPU#%d, %s\n lock: %px\n", kind,
                       this_cpu().number(), comm_and_pid().c_str(), lock);
        print_stack(KERN_EMERG);
    }
};

[[noreturn]] inline void lock_bug(const char *kind, const char *what, const void *lock,
                                  unsigned owner) noexcept
{
    bug("BUG: %s %s on CPU#%d, %s\n lock: %px, .owner_cpu: %d\n", kind, what, this_cpu().number(),
        comm_and_pid().c_str(), lock, static_cast<int>(owner) - 1);
}

/// Who holds a lock, for those who look for misuse: the number of a CPU, or 0.
inline unsigned owner_of(unsigned &owner) noexcept
{
    return std::atomic_ref(owner).load(std::memory_order_relaxed);
}
inline void set_owner(unsigned &owner, unsigned id) noexcept
{
    if (debug)
        std::atomic_ref(owner).store(id, std::memory_order_relaxed);
}

template <class Lock> inline bool try_spin(cpu &c, Lock *lock) noexcept
{
    if (std::atomic_ref(lock->value).exchange(1, std::memory_order_acquire) != 0)
        return false;
    set_owner(lock->owner, c.id);
    return true;
}
template <class Lock> inline void spin(cpu &c, Lock *lock) noexcept
{
    c.enter_section();
    if (try_spin(c, lock)) [[likely]]
        return;
    if (debug && owner_of(lock->owner) == c.id)
        lock_bug("spinlock", "recursion", lock, c.id);
    spin_wait wait;
    do {
        while (std::atomic_ref(lock->value).load(std::memory_order_relaxed) != 0)
            wait.pause("spinlock", lock);
    } while (!try_spin(c, lock));
}
template <class Lock> inline void unspin(cpu &c, Lock *lock) noexcept
{
    if (debug) {
        if (std::atomic_ref(lock->value).load(std::memory_order_relaxed) == 0)
            lock_bug("spinlock", "already unlocked", lock, 0);
        if (owner_of(lock->owner) != c.id)
            lock_bug("spinlock", "wrong owner", lock, owner_of(lock->owner));
    }
    set_owner(lock->owner, 0);
    std::atomic_ref(lock->value).store(0, std::memory_order_release);
    c.leave_section();
}

// rwlock_t: a bit for the writer and a count of readers.
inline constexpr unsigned written = 1u << 31;

inline bool try_read(rwlock_t *lock) noexcept
{
    std::atomic_ref value(lock->value);
    unsigned now = value.load(std::memory_order_relaxed);
    while ((now & written) == 0) {
        if (value.compare_exchange_weak(now, now + 1, std::memory_order_acquire,
                                        std::memory_order_relaxed))
            return true;
    }
    return false;
}
inline bool try_write(cpu &c, rwlock_t *lock) noexcept
{
    unsigned nobody = 0;
    if (!std::atomic_ref(lock->value)
             .compare_exchange_strong(nobody, written, std::memory_order_acquire,
                                      std::memory_order_relaxed))
        return false;
    set_owner(lock->owner, c.id);
    return true;
}
inline void spin_reading(cpu &c, rwlock_t *lock) noexcept
{
    c.enter_section();
    spin_wait wait;
    while (!try_read(lock)) {
        if (debug && owner_of(lock->owner) == c.id)
            lock_bug("rwlock", "recursion", lock, c.id);
        wait.pause("rwlock", lock);
    }
}
inline void spin_writing(cpu &c, rwlock_t *lock) noexcept
{
    c.enter_section();
    spin_wait wait;
    while (!try_write(c, lock)) {
        if (debug && owner_of(lock->owner) == c.id)
            lock_bug("rwlock", "recursion", lock, c.id);
        wait.pause("rwlock", lock);
    }
}
inline void unspin_reading(cpu &c, rwlock_t *lock) noexcept
{
    if (debug && (std::atomic_ref(lock->value).load(std::memory_order_relaxed) & ~written) == 0)
        lock_bug("rwlock", "already unlocked", lock, owner_of(lock->owner));
    std::atomic_ref(lock->value).fetch_sub(1, std::memory_order_release);
    c.leave_section();
}
inline void unspin_writing(cpu &c, rwlock_t *lock) noexcept
{
    if (debug) {
        if (std::atomic_ref(lock->value).load(std::memory_order_relaxed) != written)
            lock_bug("rwlock", "already unlocked", lock, owner_of(lock->owner));
        if (owner_of(lock->owner) != c.id)
            lock_bug("rwlock", "wrong owner", lock, owner_of(lock->owner));
    }
    set_owner(lock->owner, 0);
    std::atomic_ref(lock->value).store(0, std::memory_order_release);
    c.leave_section();
}

/// A section begins if @p taken; a trylock enters it after the fact, which nobody can tell.
inline bool in_section_if(bool taken) noexcept
{
    if (taken)
        this_cpu().enter_section();
    return taken;
}
template <class Lock> inline bool spin_if_free(Lock *lock) noexcept
{
    return in_section_if(try_spin(this_cpu(), lock));
}
inline bool try_bit(int bit, unsigned long *word) noexcept
{
    const unsigned long mask = 1ul << bit;
    return (std::atomic_ref(*word).fetch_or(mask, std::memory_order_acquire) & mask) == 0;
}

} // namespace kctx::host

/// The forms of a pair of functions: plain, _irq, _irqsave, _bh.
#define KCTX_HOST_LOCK_FORMS(lock_t, lock_fn, unlock_fn, take, give)                               \
    void lock_fn(lock_t *lock) noexcept { host::take(host::this_cpu(), lock); }                    \
    void unlock_fn(lock_t *lock) noexcept { host::give(host::this_cpu(), lock); }                  \
    void lock_fn##_irq(lock_t *lock) noexcept                                                      \
    {                                                                                              \
        host::irqs_disable(host::this_cpu());                                                      \
        env::lock_fn(lock);                                                                        \
    }                                                                                              \
    void unlock_fn##_irq(lock_t *lock) noexcept                                                    \
    {                                                                                              \
        env::unlock_fn(lock);                                                                      \
        host::irqs_restore(host::this_cpu(), false);                                               \
    }                                                                                              \
    unsigned long lock_fn##_irqsave(lock_t *lock) noexcept                                         \
    {                                                                                              \
        const bool off = host::irqs_disable(host::this_cpu());                                     \
        env::lock_fn(lock);                                                                        \
        return off;                                                                                \
    }                                                                                              \
    void unlock_fn##_irqrestore(lock_t *lock, unsigned long off) noexcept                          \
    {                                                                                              \
        env::unlock_fn(lock);                                                                      \
        host::irqs_restore(host::this_cpu(), off != 0);                                            \
    }                                                                                              \
    void lock_fn##_bh(lock_t *lock) noexcept { env::lock_fn(lock); }                               \
    void unlock_fn##_bh(lock_t *lock) noexcept { env::unlock_fn(lock); }

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

KCTX_HOST_LOCK_FORMS(raw_spinlock_t, raw_spin_lock, raw_spin_unlock, spin, unspin)
KCTX_HOST_LOCK_FORMS(spinlock_t, spin_lock, spin_unlock, spin, unspin)
KCTX_HOST_LOCK_FORMS(rwlock_t, read_lock, read_unlock, spin_reading, unspin_reading)
KCTX_HOST_LOCK_FORMS(rwlock_t, write_lock, write_unlock, spin_writing, unspin_writing)

bool raw_spin_trylock(raw_spinlock_t *lock) noexcept { return host::spin_if_free(lock); }
bool spin_trylock(spinlock_t *lock) noexcept { return host::spin_if_free(lock); }
bool read_trylock(rwlock_t *lock) noexcept { return host::in_section_if(host::try_read(lock)); }
bool write_trylock(rwlock_t *lock) noexcept
{
    return host::in_section_if(host::try_write(host::this_cpu(), lock));
}

void bit_spin_lock(int bit, unsigned long *word) noexcept
{
    host::this_cpu().enter_section();
    host::spin_wait wait;
    while (!host::try_bit(bit, word))
        wait.pause("bit spinlock", word);
}
bool bit_spin_trylock(int bit, unsigned long *word) noexcept
{
    return host::in_section_if(host::try_bit(bit, word));
}
void bit_spin_unlock(int bit, unsigned long *word) noexcept
{
    const unsigned long before =
        std::atomic_ref(*word).fetch_and(~(1ul << bit), std::memory_order_release);
    if (host::debug && (before >> bit & 1) == 0)
        host::lock_bug("bit spinlock", "already unlocked", word, 0);
    host::this_cpu().leave_section();
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
