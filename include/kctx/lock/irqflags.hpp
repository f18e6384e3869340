// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupts off on this CPU. On PREEMPT_RT, too, they are really off, and no spinlock_t may be
/// taken: prefer spin_lock_irqsave(), which leaves them on there.
/// @par Kernel source
/// include/linux/irqflags.h (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/irq_state.hpp>
#include <kctx/lock/scope_calls.hpp>

namespace kctx::detail {
constexpr void hold_irqs(auto &s, bool) noexcept
{
    s.allows = s.allows & wait_type::spin;
    s.irqs_disabled = true;
    s.migrate_disabled = true;
}
} // namespace kctx::detail

// local_irq_enable() in a hard irq lets another one in (lockdep_hardirqs_on_prepare() in
// kernel/locking/lockdep.c warns); elsewhere it ends somebody else's section too early.
#define KCTX_LEVEL_disables_irqs free
#define KCTX_RULE_disables_irqs irqs_on_around
#define KCTX_SLUG_disables_irqs "irqs-on-too-early"
#define KCTX_BREAKS_irqs_on_around(name)                                                           \
    "kctx[irqs-on-too-early]: " name "() ends with local_irq_enable(), and this context has "      \
    "interrupts off; fix: local_irq_save()"
namespace kctx::rule {
using irqs_on_around = irqs_on; ///< what local_irq_disable() asks: leaving turns interrupts on
}

namespace kctx {

/// IrqsDisabled: interrupts are off; leaving turns them on.
KCTX_RULED_SCOPE_PAIR(disables_irqs, IrqsDisabled, hold_irqs, local_irq_disable, local_irq_enable,
                      "turns interrupts on when it ends", "local_irq_save()",
                      "include/linux/irqflags.h local_irq_disable()")
/// IrqsSaved: interrupts are off; leaving restores what was.
KCTX_SCOPE_PAIR_SAVING(IrqsSaved, hold_irqs, unsigned long, local_irq_save, local_irq_restore,
                       "turns interrupts off", "include/linux/irqflags.h local_irq_save()")

} // namespace kctx

#define KCTX_LOCAL_IRQ_DISABLE(ctx) KCTX_SECTION(ctx, local_irq_disable(ctx))
#define KCTX_LOCAL_IRQ_SAVE(ctx)                                                                   \
    KCTX_SECTION(ctx, local_irq_save(ctx, ::kctx::detail::saved<unsigned long>))
