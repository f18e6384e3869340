// SPDX-License-Identifier: BSL-1.0
/// @file
/// What turning bottom halves off does to the state of a context, and the rules over that state: of
/// sections that turn interrupts or bottom halves on again when they end, and of trylocks.
/// @par Kernel source
/// kernel/softirq.c, include/linux/irqflags.h (6.12).
#pragma once

#include <kctx/lock/state.hpp>

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
/// PREEMPT_RT takes the per-CPU lock of bottom halves, and with it rcu_read_lock(), but not where
/// it could not wait for it (kernel/softirq.c, __local_bh_disable_ip()).
constexpr void hold_bh(auto &s, bool rt) noexcept
{
    s.rcu_reader = s.rcu_reader || (rt && preemptible(s, rt));
    s.allows = s.allows & wait_type::config;
    s.bh_disabled = true;
    s.migrate_disabled = true;
}
/// PREEMPT_RT counts the two as one: preemption stays on (SOFTIRQ_LOCK_OFFSET). lockdep still
/// refuses all but raw locks.
constexpr void hold_raw_spinlock_bh(auto &s, bool rt) noexcept
{
    hold_bh(s, rt);
    s.allows = s.allows & wait_type::spin;
    s.preempt_disabled = s.preempt_disabled || !rt;
}
constexpr void hold_spinlock_bh(auto &s, bool rt) noexcept
{
    hold_bh(s, rt);
    hold_spinlock(s, rt);
}

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

/// PREEMPT_RT's trylocks of sleeping locks take a raw lock within (kernel/locking/rtmutex.c,
/// rt_mutex_slowtrylock()).
struct not_in_nmi_on_rt {
    static constexpr bool holds(const auto &s, bool rt) noexcept { return !rt || !s.nmi; }
};

} // namespace kctx::rule

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
