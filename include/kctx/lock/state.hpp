// SPDX-License-Identifier: BSL-1.0
/// @file
/// What each kind of section does to the state of the context around it, and the rules over that
/// state which are not a matter of waiting.
/// @par Kernel source
/// include/linux/preempt.h, include/linux/spinlock_rt.h, kernel/softirq.c (6.12). Every line agrees
/// with what a running kernel of either kind says of itself inside such a section.
#pragma once

#include <kctx/declare/call.hpp>

// The states come as `auto`: clang evaluates a constexpr function where it is defined, unless that
// is a template, and these are read in every driver file.
namespace kctx::detail {

/// preempt_count() is not zero, which is what in_atomic() tests. PREEMPT_RT counts neither softirqs
/// nor spinlock_t there.
constexpr bool in_atomic(const auto &s, bool rt) noexcept
{
    return s.preempt_disabled || s.hardirq || (!rt && (s.bh_disabled || s.serving_softirq));
}
/// preemptible()
constexpr bool preemptible(const auto &s, bool rt) noexcept
{
    return !in_atomic(s, rt) && !s.irqs_disabled;
}
/// in_task()
constexpr bool in_task(const auto &s) noexcept
{
    return !s.nmi && !s.hardirq && !s.serving_softirq;
}

constexpr void hold_nothing(auto &, bool) noexcept {}
constexpr void hold_preempt(auto &s, bool) noexcept
{
    s.allows = s.allows & wait_type::spin;
    s.preempt_disabled = true;
    s.migrate_disabled = true;
}
constexpr void hold_migration(auto &s, bool) noexcept { s.migrate_disabled = true; }
constexpr void hold_irqs(auto &s, bool) noexcept
{
    s.allows = s.allows & wait_type::spin;
    s.irqs_disabled = true;
    s.migrate_disabled = true;
}
/// PREEMPT_RT takes the per-CPU lock of bottom halves, and with it rcu_read_lock(), but not where
/// it could not wait for it (kernel/softirq.c, __local_bh_disable_ip()).
constexpr void hold_bh(auto &s, bool rt) noexcept
{
    s.rcu_reader = s.rcu_reader || (rt && preemptible(s, rt));
    s.allows = s.allows & wait_type::config;
    s.bh_disabled = true;
    s.migrate_disabled = true;
}
constexpr void hold_raw_spinlock_irq(auto &s, bool rt) noexcept
{
    hold_preempt(s, rt);
    s.irqs_disabled = true;
}
/// PREEMPT_RT counts the two as one: preemption stays on (SOFTIRQ_LOCK_OFFSET). lockdep still
/// refuses all but raw locks.
constexpr void hold_raw_spinlock_bh(auto &s, bool rt) noexcept
{
    hold_bh(s, rt);
    s.allows = s.allows & wait_type::spin;
    s.preempt_disabled = s.preempt_disabled || !rt;
}
/// On PREEMPT_RT spin_lock() is rcu_read_lock(), migrate_disable() and a sleeping lock.
constexpr void hold_spinlock(auto &s, bool rt) noexcept
{
    s.allows = s.allows & wait_type::config;
    s.migrate_disabled = true;
    (rt ? s.rcu_reader : s.preempt_disabled) = true;
}
constexpr void hold_spinlock_irq(auto &s, bool rt) noexcept
{
    hold_spinlock(s, rt);
    s.irqs_disabled = s.irqs_disabled || !rt;
}
constexpr void hold_spinlock_bh(auto &s, bool rt) noexcept
{
    hold_bh(s, rt);
    hold_spinlock(s, rt);
}
/// Without PREEMPT_RT local_lock_irq() turns interrupts off and counts nothing.
constexpr void hold_local_lock_irq(auto &s, bool rt) noexcept
{
    s.allows = s.allows & wait_type::config;
    s.migrate_disabled = true;
    (rt ? s.rcu_reader : s.irqs_disabled) = true;
}
constexpr void hold_rcu(auto &s, bool) noexcept
{
    s.allows = s.allows & wait_type::config;
    s.rcu_reader = true;
}
/// Blocking is forbidden, and on PREEMPT_RT that is what spinlock_t does (kernel/sched/core.c,
/// __might_resched()).
constexpr void hold_off_blocking(auto &s, bool) noexcept { s.allows = s.allows & wait_type::spin; }
constexpr void hold_noio(auto &s, bool) noexcept { s.noio = true; }
constexpr void hold_nofs(auto &s, bool) noexcept { s.nofs = true; }

} // namespace kctx::detail

namespace kctx::rule {

/// Leaving the section turns interrupts on: they must have been on.
struct irqs_on {
    static constexpr bool holds(const auto &s, bool) noexcept
    {
        return !s.hardirq && !s.irqs_disabled;
    }
};
/// The same for spinlock_t, which leaves interrupts alone on PREEMPT_RT.
struct irqs_on_unless_rt {
    static constexpr bool holds(const auto &s, bool rt) noexcept
    {
        return rt || irqs_on::holds(s, rt);
    }
};
/// local_bh_enable() runs softirqs: WARNs in kernel/softirq.c, __local_bh_disable_ip() and
/// __local_bh_enable_ip(). The first local_bh_disable() waits for a lock on PREEMPT_RT.
struct bh_may_run {
    static constexpr bool holds(const auto &s, bool rt) noexcept
    {
        return irqs_on::holds(s, rt) && !(rt && !s.bh_disabled && detail::preemptible(s, rt) &&
                                          wait_type::config > s.allows);
    }
};
/// WARN_ON_ONCE(!in_task()) in kernel/locking/rtmutex_api.c: an interrupt cannot own the lock.
struct in_task {
    static constexpr bool holds(const auto &s, bool) noexcept { return detail::in_task(s); }
};
struct in_task_on_rt {
    static constexpr bool holds(const auto &s, bool rt) noexcept
    {
        return !rt || detail::in_task(s);
    }
};
/// PREEMPT_RT's trylocks of sleeping locks take a raw lock within (kernel/locking/rtmutex.c,
/// rt_mutex_slowtrylock()).
struct not_in_nmi_on_rt {
    static constexpr bool holds(const auto &s, bool rt) noexcept { return !rt || !s.nmi; }
};
/// lockdep_assert_preemption_disabled() in include/linux/seqlock.h, __seqprop_assert().
struct not_preemptible {
    static constexpr bool holds(const auto &s, bool rt) noexcept
    {
        return !detail::preemptible(s, rt);
    }
};

} // namespace kctx::rule

// The kind of a call that waits for nothing and nobody: no context refuses it.
#define KCTX_LEVEL_anywhere free
#define KCTX_RULE_anywhere none
#define KCTX_SLUG_anywhere "legal-anywhere"
#define KCTX_SAYS_anywhere(name, why) name "() " why
#define KCTX_EFFECT_free KCTX_EFFECT_spin
#define KCTX_EXCLUDES_free

// The kinds with these rules.
#define KCTX_LEVEL_spins_irq spin
#define KCTX_RULE_spins_irq irqs_on
#define KCTX_SLUG_spins_irq KCTX_SLUG_spins
#define KCTX_SAYS_spins_irq KCTX_SAYS_spins
#define KCTX_LEVEL_locks_irq config
#define KCTX_RULE_locks_irq irqs_on_unless_rt
#define KCTX_SLUG_locks_irq KCTX_SLUG_locks
#define KCTX_SAYS_locks_irq KCTX_SAYS_locks
#define KCTX_BREAKS_irqs_on(name)                                                                  \
    "kctx[irqs-on-too-early]: " name "() ends with interrupts on, and this context has them off; " \
    "fix: " name "save()"
#define KCTX_BREAKS_irqs_on_unless_rt KCTX_BREAKS_irqs_on
#define KCTX_LEVEL_spins_bh spin
#define KCTX_RULE_spins_bh bh_may_run
#define KCTX_SLUG_spins_bh KCTX_SLUG_spins
#define KCTX_SAYS_spins_bh KCTX_SAYS_spins
#define KCTX_LEVEL_locks_bh config
#define KCTX_RULE_locks_bh bh_may_run
#define KCTX_SLUG_locks_bh KCTX_SLUG_locks
#define KCTX_SAYS_locks_bh KCTX_SAYS_locks
#define KCTX_BREAKS_bh_may_run(name)                                                               \
    "kctx[bh-with-irqs-off]: what ends " name "() runs softirqs, which needs interrupts on and "   \
    "waits on PREEMPT_RT; fix: leave bottom halves alone, interrupts off keep them out too"
#define KCTX_LEVEL_tries_rt_lock free
#define KCTX_RULE_tries_rt_lock not_in_nmi_on_rt
#define KCTX_SLUG_tries_rt_lock "lock-in-nmi"
#define KCTX_BREAKS_not_in_nmi_on_rt(name)                                                         \
    "kctx[lock-in-nmi]: " name "() takes a raw lock on PREEMPT_RT, which an NMI may own; fix: "    \
    "irq_work_queue() it, and do it in the irq_work"
#define KCTX_LEVEL_tries_mutex free
#define KCTX_RULE_tries_mutex in_task_on_rt
#define KCTX_SLUG_tries_mutex "owner-in-interrupt"
#define KCTX_LEVEL_tries_rt_mutex free
#define KCTX_RULE_tries_rt_mutex in_task
#define KCTX_SLUG_tries_rt_mutex "owner-in-interrupt"
#define KCTX_BREAKS_in_task(name)                                                                  \
    "kctx[owner-in-interrupt]: " name "() makes the current task own the lock, and an interrupt "  \
    "is no task; fix: spin_trylock() of a spinlock_t, or do it in a work item"
#define KCTX_BREAKS_in_task_on_rt KCTX_BREAKS_in_task
