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

} // namespace kctx::detail
