// SPDX-License-Identifier: BSL-1.0
/// @file
/// Staying on this CPU: with preemption off, or with migration off only.
/// @par Kernel source
/// include/linux/preempt.h, include/linux/smp.h (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/scope_calls.hpp>

namespace kctx::detail {
constexpr void hold_migration(auto &s, bool) noexcept { s.migrate_disabled = true; }
} // namespace kctx::detail

namespace kctx {

/// PreemptDisabled: no other task runs on this CPU until the section ends.
KCTX_SCOPE_PAIR(PreemptDisabled, hold_preempt, preempt_disable, preempt_enable,
                "counts a level of preempt_count()", "include/linux/preempt.h preempt_disable()")
/// MigrateDisabled: the task stays on this CPU, and may be preempted and sleep: what PREEMPT_RT
/// wants in place of preempt_disable() around per-CPU data.
KCTX_SCOPE_PAIR(MigrateDisabled, hold_migration, migrate_disable, migrate_enable,
                "pins the task to its CPU", "kernel/sched/core.c migrate_disable()")

/// get_cpu() was called: PreemptDisabled, with the number of the CPU at hand.
KCTX_SCOPE_PAIR_SAVING(CpuHeld, hold_preempt, int, get_cpu, put_cpu,
                       "disables preemption and returns the CPU", "include/linux/smp.h get_cpu()")

} // namespace kctx

#define KCTX_PREEMPT_DISABLE(ctx) KCTX_SECTION(ctx, preempt_disable(ctx))
#define KCTX_MIGRATE_DISABLE(ctx) KCTX_SECTION(ctx, migrate_disable(ctx))
#define KCTX_GET_CPU(ctx) KCTX_SECTION(ctx, get_cpu(ctx, ::kctx::detail::saved<int>))
