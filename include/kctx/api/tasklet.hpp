// SPDX-License-Identifier: BSL-1.0
/// @file
/// Tasklets and softirqs.
/// @par Kernel source
/// include/linux/interrupt.h, kernel/softirq.c (6.12).
#pragma once

#include <kctx/api/handler.hpp>
#include <kctx/api/kernel.hpp>

namespace kctx {

/// A function that runs once in a softirq after it was scheduled.
struct tasklet_struct {
    void (*callback)(tasklet_struct *) = nullptr; ///< called in a softirq
    tasklet_struct *next = nullptr;               ///< the environment's queue
    unsigned long state = 0;                      ///< TASKLET_STATE_*: scheduled, running
    unsigned count = 0;                           ///< how often it is disabled
};

/// Makes @p H the function of @p t: `void fn(TaskletCtx, tasklet_struct *)`.
template <auto H>
    requires handles<H, TaskletCtx, tasklet_struct *>
inline void tasklet_setup(tasklet_struct *t, handler_t<H>) noexcept
{
    *t = {detail::thunk_for<H, TaskletCtx, void, tasklet_struct *>, nullptr, 0, 0};
}
#ifndef KCTX_UNCHECKED
template <auto H>
KCTX_UNAVAILABLE(KCTX_TEXT_handler(tasklet_setup, "a TaskletCtx"))
void tasklet_setup(tasklet_struct *, handler_t<H>);
#endif

KCTX_LEGAL_ANYWHERE(tasklet_setup, "fills in the tasklet", "kernel/softirq.c tasklet_setup()")

/// Has @p t run soon; nothing if it is scheduled already.
KCTX_CALL(spins, void, tasklet_schedule, (tasklet_struct * t), (t), "changes the CPU's queue",
          "irq_work_queue() it, and schedule the tasklet in the irq_work",
          "kernel/softirq.c __tasklet_schedule()")
KCTX_CALL(spins, void, tasklet_hi_schedule, (tasklet_struct * t), (t), "changes the CPU's queue",
          "irq_work_queue() it, and schedule the tasklet in the irq_work",
          "kernel/softirq.c __tasklet_hi_schedule()")
/// Keeps @p t from running and does not wait.
KCTX_CALL(spins, void, tasklet_disable_nosync, (tasklet_struct * t), (t), "changes its count",
          "irq_work_queue() it", "include/linux/interrupt.h tasklet_disable_nosync()")
KCTX_CALL(spins, void, tasklet_enable, (tasklet_struct * t), (t), "changes its count",
          "irq_work_queue() it", "include/linux/interrupt.h tasklet_enable()")
/// Keeps @p t from running and waits until it does not run.
KCTX_CALL(sleeps, void, tasklet_disable, (tasklet_struct * t), (t),
          "waits until the tasklet has finished",
          "tasklet_disable_nosync(), or tasklet_disable() in process context",
          "kernel/softirq.c tasklet_unlock_wait()")
/// Takes @p t off its queue for good and waits until it does not run.
KCTX_CALL(sleeps, void, tasklet_kill, (tasklet_struct * t), (t),
          "waits until the tasklet has finished", "kill it in process context, at remove time",
          "kernel/softirq.c tasklet_kill()")

} // namespace kctx

/// The object whose member @p member the tasklet of a callback is: `dma *d = from_tasklet(d, t,
/// done)`. include/linux/interrupt.h from_tasklet()
#define from_tasklet(var, callback_tasklet, member)                                                \
    container_of(callback_tasklet, __typeof__(*(var)), member)
