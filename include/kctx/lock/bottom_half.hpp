// SPDX-License-Identifier: BSL-1.0
/// @file
/// Bottom halves off: no softirq runs on this CPU. On PREEMPT_RT that is a per-CPU lock, under
/// which the task may be preempted.
/// @par Kernel source
/// include/linux/bottom_half.h, kernel/softirq.c (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/irq_state.hpp>
#include <kctx/lock/scope_calls.hpp>

namespace kctx {

/// BhDisabled: bottom halves are off. Leaving runs the softirqs that are pending.
KCTX_RULED_SCOPE_PAIR(spins_bh, BhDisabled, hold_bh, local_bh_disable, local_bh_enable,
                      "runs softirqs when it ends", "local_irq_save() alone",
                      "kernel/softirq.c __local_bh_disable_ip(), __local_bh_enable_ip()")

} // namespace kctx

#define KCTX_LOCAL_BH_DISABLE(ctx) KCTX_SECTION(ctx, local_bh_disable(ctx))
