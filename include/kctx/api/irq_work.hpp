// SPDX-License-Identifier: BSL-1.0
/// @file
/// irq_work: what an NMI or a raw section leaves for the next interrupt.
/// @par Kernel source
/// include/linux/irq_work.h, kernel/irq_work.c (6.12).
#pragma once

#include <kctx/api/handler.hpp>

namespace kctx {

/// A function that runs in the next hard irq; on PREEMPT_RT in the irq_work thread.
struct irq_work {
    void (*func)(irq_work *) = nullptr; ///< called with IrqWorkCtx
    irq_work *next = nullptr;           ///< the environment's queue
    unsigned flags = 0;                 ///< IRQ_WORK_HARD_IRQ is 0x8
};

/// Makes @p H the function of @p work: `void fn(IrqWorkCtx, irq_work *)`.
template <auto H>
    requires handles<H, IrqWorkCtx, irq_work *>
inline void init_irq_work(irq_work *work, handler_t<H>) noexcept
{
    *work = {detail::thunk_for<H, IrqWorkCtx, void, irq_work *>, nullptr, 0};
}
/// The same with IRQ_WORK_HARD_IRQ: a hard irq on every kernel (IRQ_WORK_INIT_HARD()).
template <auto H>
    requires handles<H, HardIrqCtx, irq_work *>
inline void init_irq_work_hard(irq_work *work, handler_t<H>) noexcept
{
    *work = {detail::thunk_for<H, HardIrqCtx, void, irq_work *>, nullptr, 0x8};
}
#ifndef KCTX_UNCHECKED
template <auto H>
KCTX_UNAVAILABLE(KCTX_TEXT_handler(init_irq_work, "an IrqWorkCtx"))
void init_irq_work(irq_work *, handler_t<H>);
template <auto H>
KCTX_UNAVAILABLE(KCTX_TEXT_handler(init_irq_work_hard, "a HardIrqCtx"))
void init_irq_work_hard(irq_work *, handler_t<H>);
#endif

KCTX_LEGAL_ANYWHERE(init_irq_work, "fills in the work", "include/linux/irq_work.h init_irq_work()")
KCTX_LEGAL_ANYWHERE(init_irq_work_hard, "fills in the work",
                    "include/linux/irq_work.h IRQ_WORK_INIT_HARD()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Has @p work run in the next hard irq; legal in every context, NMI included. False if it was
/// queued already. (kernel/irq_work.c irq_work_queue())
bool irq_work_queue(irq_work *work) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::irq_work_queue;
KCTX_LEGAL_ANYWHERE(irq_work_queue, "adds to a list without a lock",
                    "kernel/irq_work.c irq_work_queue()")

/// Waits until @p work has finished.
KCTX_CALL(sleeps, void, irq_work_sync, (irq_work * work), (work), "waits until the work has run",
          "wait in process context", "kernel/irq_work.c irq_work_sync()")

} // namespace kctx
