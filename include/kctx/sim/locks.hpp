// SPDX-License-Identifier: BSL-1.0
/// @file
/// What locks are made of: words that are spun on, and the rtmutex of PREEMPT_RT that sleeps.
/// @par Kernel source
/// include/linux/spinlock_api_smp.h; kernel/locking/spinlock_rt.c, rtmutex.c (5.15 and later);
/// rt_spin_lock() of kernel/locking/rtmutex.c in the patches before.
#pragma once

#include <kctx/sim/lockdep.hpp>

namespace kctx::sim {

inline constexpr unsigned written = 1u << 31; ///< of a rwlock_t, whose other bits count readers
inline constexpr unsigned taken = ~0u;        ///< any bit

/// What spin_lock() of PREEMPT_RT does after lockdep: waits, sleeping, until no bit of @p mask is
/// set in the lock's word. The section keeps the task on its CPU and, since 5.15, is RCU's too.
template <class Lock> void rt_wait(machine &m, Lock &lock, unsigned mask)
{
    if ((lock.value & mask) == 0)
        return;
    task_struct &me = m.current();
    // What the task is about to wait for is not forgotten (current_save_and_set_rtlock_wait_state).
    const unsigned state = me.saved_state = me.state;
    while ((lock.value & mask) != 0) {
        // Of readers nobody knows who they are.
        task_struct *const owner = m.task_of_number(lock.owner);
        if (m.config.since(5, 15)) {
            const frame in("rtlock_slowlock_locked");
            m.sleep_on_rtlock(&lock, owner);
        } else {
            const frame in("rt_spin_lock_slowlock");
            const frame inner("rt_spin_lock_slowlock_locked");
            m.sleep_on_rtlock(&lock, owner);
        }
    }
    me.state = me.saved_state == state ? state : me.saved_state;
}

/// Around a section of PREEMPT_RT's sleeping spinlocks.
inline void rt_section_begins(machine &m)
{
    if (m.config.since(5, 15))
        m.rcu_read_lock();
    m.migrate_disable();
}
inline void rt_section_ends(machine &m)
{
    m.migrate_enable();
    if (m.config.since(5, 15))
        m.rcu_read_unlock();
}
/// rtlock_might_resched(): RCU readers may wait for such a lock.
inline void rt_might_resched(machine &m, int line)
{
    m.might_resched({"kernel/locking/spinlock_rt.c", m.config.since(6, 12) ? line : 0},
                    m.current().rcu_nesting << 8);
}

/// spinlock_t and rwlock_t of PREEMPT_RT. @p value: what the
/// word of the lock becomes, written or one more reader.
template <class Lock> void rt_lock(machine &m, Lock &lock, unsigned mask, unsigned value)
{
    rt_wait(m, lock, mask);
    lock.value = mask == taken ? value : lock.value + value;
    if (mask == taken) {
        lock.owner = m.current().number;
        m.owns(&lock);
    }
    rt_section_begins(m);
}
template <class Lock> void rt_unlock(machine &m, Lock &lock, unsigned value)
{
    rt_section_ends(m);
    lock.value -= value;
    if (lock.value != 0)
        return;
    lock.owner = 0;
    m.wake_one(&lock);
}

/// A lock whose section is one without preemption, whether the kernel counts it or not.
template <class Lock>
void raw_lock(machine &m, Lock &lock, const lock_kind &kind, const lock_use &use, unsigned mask,
              unsigned value)
{
    m.preempt_disable();
    lockdep_acquire(m, &lock, kind, use);
    m.spin_while(lock.value, mask);
    lock.value = mask == taken ? value : lock.value + value;
}
template <class Lock> void raw_unlock(machine &m, Lock &lock, unsigned value)
{
    lockdep_release(m, &lock);
    lock.value -= value;
    m.preempt_enable();
}

/// What PREEMPT_RT takes while bottom halves are off (softirq_ctrl.lock, kernel/softirq.c).
inline void local_lock_of_softirqs(machine &m, spinlock_t &lock)
{
    lockdep_acquire(m, &lock, local_lock_kind,
                    {.name = "softirq_ctrl.lock", .function = "__local_bh_disable_ip"});
    rt_might_resched(m, 48);
    rt_lock(m, lock, taken, written);
}
/// Gives it back.
inline void local_unlock_of_softirqs(machine &m, spinlock_t &lock)
{
    lockdep_release(m, &lock);
    rt_unlock(m, lock, written);
}

} // namespace kctx::sim
