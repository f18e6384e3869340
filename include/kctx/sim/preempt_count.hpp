// SPDX-License-Identifier: BSL-1.0
/// @file
/// What each kernel adds to preempt_count, and for what; the fields are those of
/// kernel/preempt_count.hpp.
/// @par Kernel source
/// include/linux/hardirq.h and kernel/sched.c (2.6.32 ... 2.6.37), include/linux/preempt_mask.h
/// (3.13 ... 4.3), include/linux/preempt.h (4.4 and later).
#pragma once

#include <kctx/sim/config.hpp>

namespace kctx::sim {

/// The amounts. One of 0: the kernel does not count it; PREEMPT_RT counts bottom halves in the
/// task.
struct count_units {
    kernel::preempt_layout fields; ///< where the fields are
    unsigned preempt;              ///< preempt_disable(), a spinning lock, schedule() itself
    unsigned softirq;              ///< serving softirqs
    unsigned bh_disable;           ///< local_bh_disable()
    unsigned hardirq;              ///< irq_enter()
    unsigned nmi;                  ///< nmi_enter(): an NMI is a hard irq, too
    unsigned preempt_active;       ///< schedule() at a preemption point, up to 4.3

    explicit count_units(const machine_config &m)
        : fields(kernel::preempt_count_layout(m.version, m.arch, m.rt(), m.many_irqs)),
          preempt(kernel::schedule_offset(m.counts_preemption())),
          softirq(kernel::field_unit(fields.softirq)), bh_disable(m.rt() ? 0 : fields.bh_disable),
          hardirq(kernel::field_unit(fields.hardirq)),
          nmi(kernel::field_unit(fields.nmi) + hardirq), preempt_active(fields.preempt_active)
    {}

    /// Whether @p count, as schedule() sees it, is that of a caller who may not call it
    /// (in_atomic_preempt_off()): any other than schedule()'s own.
    bool atomic_in_schedule(unsigned count) const { return (count & ~preempt_active) != preempt; }
};

} // namespace kctx::sim
