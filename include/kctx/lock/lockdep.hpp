// SPDX-License-Identifier: BSL-1.0
/// @file
/// Assertions about the context, and the rules of calls that begin with one.
/// @par Kernel source
/// include/linux/lockdep.h (6.12).
#pragma once

#include <kctx/lock/irq_state.hpp>

namespace kctx {

namespace rule {
/// lockdep_assert_irqs_disabled(). A spinlock_t of PREEMPT_RT turns nothing off.
struct irqs_off {
    static constexpr bool holds(const context_state &s, bool) noexcept { return s.irqs_disabled; }
};
/// lockdep_assert_preemption_disabled().
struct preemption_off {
    static constexpr bool holds(const context_state &s, bool rt) noexcept
    {
        return !detail::preemptible(s, rt);
    }
};
} // namespace rule

#define KCTX_LEVEL_wants_irqs_off free
#define KCTX_RULE_wants_irqs_off irqs_off
#define KCTX_SLUG_wants_irqs_off "irqs-must-be-off"
#define KCTX_SAYS_wants_irqs_off(name, why) KCTX_BREAKS_irqs_off(name)
#define KCTX_BREAKS_irqs_off(name)                                                                 \
    "kctx[irqs-must-be-off]: " name "() wants interrupts off, and here they are on (spinlock_t "   \
    "leaves them on with PREEMPT_RT); fix: KCTX_LOCAL_IRQ_SAVE(ctx) around it"
#define KCTX_LEVEL_wants_preemption_off free
#define KCTX_RULE_wants_preemption_off preemption_off
#define KCTX_SLUG_wants_preemption_off "preemption-must-be-off"
#define KCTX_SAYS_wants_preemption_off(name, why) KCTX_BREAKS_preemption_off(name)
#define KCTX_BREAKS_preemption_off(name)                                                           \
    "kctx[preemption-must-be-off]: " name "() wants preemption off, and here the task may be "     \
    "preempted (under a spinlock_t, too, with PREEMPT_RT); fix: KCTX_PREEMPT_DISABLE(ctx) around "  \
    "it"

/// Says that interrupts are off here.
KCTX_RULED_CALL(wants_irqs_off, void, lockdep_assert_irqs_disabled, (), (), "says so itself",
                "KCTX_LOCAL_IRQ_SAVE(ctx) around it",
                "include/linux/lockdep.h lockdep_assert_irqs_disabled()")
/// Says that the task cannot be preempted here.
KCTX_RULED_CALL(wants_preemption_off, void, lockdep_assert_preemption_disabled, (), (),
                "says so itself", "KCTX_PREEMPT_DISABLE(ctx) around it",
                "include/linux/lockdep.h lockdep_assert_preemption_disabled()")

} // namespace kctx
