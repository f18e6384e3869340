// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the commonest sections do to the state of the context around them; the others say it next
/// to their declarations.
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
constexpr void hold_raw_spinlock_irq(auto &s, bool rt) noexcept
{
    hold_preempt(s, rt);
    s.irqs_disabled = true;
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
constexpr void hold_noio(auto &s, bool) noexcept { s.noio = true; }
constexpr void hold_nofs(auto &s, bool) noexcept { s.nofs = true; }

} // namespace kctx::detail

namespace kctx::rule {

/// PREEMPT_RT's trylocks of sleeping locks take a raw lock within (kernel/locking/rtmutex.c,
/// rt_mutex_slowtrylock()).
struct not_in_nmi_on_rt {
    static constexpr bool holds(const auto &s, bool rt) noexcept { return !rt || !s.nmi; }
};

} // namespace kctx::rule

#define KCTX_LEVEL_tries_rt_lock free
#define KCTX_RULE_tries_rt_lock not_in_nmi_on_rt
#define KCTX_SLUG_tries_rt_lock "lock-in-nmi"
#define KCTX_BREAKS_not_in_nmi_on_rt(name)                                                         \
    "kctx[lock-in-nmi]: " name "() takes a raw lock on PREEMPT_RT, which an NMI may own; fix: "    \
    "irq_work_queue() it, and do it in the irq_work"
