// SPDX-License-Identifier: BSL-1.0
/// @file
/// The kind of a call that is only for true hard irqs, which PREEMPT_RT does not thread.
#pragma once

#include <kctx/declare/call.hpp>

namespace kctx {

namespace rule {
/// A hard irq on every kernel, and no NMI.
struct in_hardirq {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return s.hardirq && !s.nmi;
    }
};
} // namespace rule
#define KCTX_BREAKS_in_hardirq(name)                                                               \
    "kctx[hardirq-only]: " name "() belongs into a true hard irq, which PREEMPT_RT does not "       \
    "thread, and this is none; fix: request_irq() with IRQF_NO_THREAD"
#define KCTX_LEVEL_only_in_hardirq spin
#define KCTX_RULE_only_in_hardirq in_hardirq
#define KCTX_SLUG_only_in_hardirq "hardirq-only"
#define KCTX_SAYS_only_in_hardirq(name, why) KCTX_BREAKS_in_hardirq(name)

} // namespace kctx
