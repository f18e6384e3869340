// SPDX-License-Identifier: BSL-1.0
/// @file
/// A section that promises not to block, for callers who may not wait for long.
/// @par Kernel source
/// include/linux/kernel.h; kernel/sched/core.c, __might_resched() and schedule_debug() (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/scope_calls.hpp>

namespace kctx::detail {
/// Blocking is forbidden, and on PREEMPT_RT that is what spinlock_t does (kernel/sched/core.c,
/// __might_resched()).
constexpr void hold_off_blocking(auto &s, bool) noexcept { s.allows = s.allows & wait_type::spin; }
} // namespace kctx::detail

namespace kctx {

/// NonBlocking: nothing may block until the section ends. On PREEMPT_RT a spinlock_t would.
KCTX_SCOPE_PAIR(NonBlocking, hold_off_blocking, non_block_start, non_block_end, "marks the task",
                "include/linux/kernel.h non_block_start()")

} // namespace kctx

#define KCTX_NON_BLOCK(ctx) KCTX_SECTION(ctx, non_block_start(ctx))
