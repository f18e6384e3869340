// SPDX-License-Identifier: BSL-1.0
/// @file
/// Having a softirq run on this CPU.
/// @par Kernel source
/// include/linux/interrupt.h, kernel/softirq.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/lock/lockdep.hpp>

namespace kctx {

/// The softirqs.
enum softirq_nr : unsigned {
    HI_SOFTIRQ,
    TIMER_SOFTIRQ,
    NET_TX_SOFTIRQ,
    NET_RX_SOFTIRQ,
    BLOCK_SOFTIRQ,
    IRQ_POLL_SOFTIRQ,
    TASKLET_SOFTIRQ,
    SCHED_SOFTIRQ,
    HRTIMER_SOFTIRQ,
    RCU_SOFTIRQ
};

/// Has softirq @p nr run soon.
KCTX_CALL(spins, void, raise_softirq, (unsigned int nr), (nr), "changes the CPU's pending softirqs",
          KCTX_DO_IN_IRQ_WORK, "kernel/softirq.c raise_softirq()")
/// The same where interrupts are off.
KCTX_RULED_CALL(wants_irqs_off, void, raise_softirq_irqoff, (unsigned int nr), (nr),
                "changes the CPU's pending softirqs", "raise_softirq()",
                "kernel/softirq.c __raise_softirq_irqoff()")

} // namespace kctx
