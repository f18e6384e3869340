// SPDX-License-Identifier: BSL-1.0
/// @file
/// Functions on other CPUs.
/// @par Kernel source
/// include/linux/smp.h, kernel/smp.c, include/linux/stop_machine.h, include/linux/cpu.h (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/sched.hpp>
#include <kctx/lock/irq_state.hpp>

namespace kctx {

/// What another CPU runs, in a hard irq: `void fn(SmpCallCtx, void *)`.
KCTX_CALLBACK(smp_call_func_t, smp_call_function_single, SmpCallCtx, void, void *)
/// What stop_machine() runs: `int fn(StopMachineCtx, void *)`.
KCTX_CALLBACK(cpu_stop_fn_t, stop_machine, StopMachineCtx, int, void *)
/// A call that is under way.
struct call_single_data {
    smp_call_func_t func;             ///< what the other CPU runs, in a hard irq
    void *info = nullptr;             ///< what it gets
    call_single_data *next = nullptr; ///< the environment's queue
};

// Two CPUs that wait for each other with interrupts off wait for ever.
namespace rule {
/// A task with interrupts on: two CPUs that wait for each other with interrupts off do so for ever.
struct task_with_irqs_on {
    static constexpr bool holds(const context_state &s, bool rt) noexcept
    {
        return is_task::holds(s, rt) && !s.irqs_disabled;
    }
};
} // namespace rule
#define KCTX_BREAKS_task_with_irqs_on(name)                                                        \
    "kctx[irqs-off]: " name "() waits for another CPU, which may be waiting for this one; fix: "   \
    "call it in a task with interrupts on, or smp_call_function_single_async()"
#define KCTX_LEVEL_calls_cpus spin
#define KCTX_RULE_calls_cpus task_with_irqs_on
#define KCTX_SLUG_calls_cpus "irqs-off"
#define KCTX_SAYS_calls_cpus(name, why) KCTX_BREAKS_task_with_irqs_on(name)

#define KCTX_SMP_WHY "waits for another CPU"
#define KCTX_SMP_FIX "smp_call_function_single_async()"

/// Has @p cpu call `handler<fn>`: 0 or -ENXIO.
KCTX_RULED_CALL(calls_cpus, int, smp_call_function_single,
                (int cpu, smp_call_func_t func, void *info, int wait), (cpu, func, info, wait),
                KCTX_SMP_WHY, KCTX_SMP_FIX, "kernel/smp.c smp_call_function_single()")
/// Has every CPU call it.
KCTX_RULED_CALL(calls_cpus, void, on_each_cpu, (smp_call_func_t func, void *info, int wait),
                (func, info, wait), KCTX_SMP_WHY, KCTX_SMP_FIX,
                "kernel/smp.c on_each_cpu_cond_mask()")
/// Has every other CPU call it.
KCTX_RULED_CALL(calls_cpus, void, smp_call_function, (smp_call_func_t func, void *info, int wait),
                (func, info, wait), KCTX_SMP_WHY, KCTX_SMP_FIX, "kernel/smp.c smp_call_function()")
// It says "other CPUs", and must not be moved to one of them meanwhile.
namespace rule {
/// The same on a CPU that it cannot leave: "other CPUs" are those beside it.
struct pinned_with_irqs_on {
    static constexpr bool holds(const context_state &s, bool rt) noexcept
    {
        return task_with_irqs_on::holds(s, rt) && detail::in_atomic(s, rt);
    }
};
} // namespace rule
#define KCTX_BREAKS_pinned_with_irqs_on(name)                                                      \
    "kctx[preemption-must-be-off]: " name "() wants a task with preemption off and interrupts on " \
    "(spinlock_t leaves preemption on with PREEMPT_RT); fix: smp_call_function(), or "             \
    "KCTX_PREEMPT_DISABLE(ctx) around it"
#define KCTX_LEVEL_calls_other_cpus spin
#define KCTX_RULE_calls_other_cpus pinned_with_irqs_on
#define KCTX_SLUG_calls_other_cpus "preemption-must-be-off"
#define KCTX_SAYS_calls_other_cpus(name, why) KCTX_BREAKS_pinned_with_irqs_on(name)
/// Has the CPUs of @p cpus call it, but for this one.
KCTX_RULED_CALL(calls_other_cpus, void, smp_call_function_many,
                (const void *cpus, smp_call_func_t func, void *info, bool wait),
                (cpus, func, info, wait), KCTX_SMP_WHY, "smp_call_function()",
                "kernel/smp.c smp_call_function_many_cond()")
/// smp_call_function_single() without waiting.
KCTX_CALL(spins, int, smp_call_function_single_async, (int cpu, call_single_data *call),
          (cpu, call), "queues the call with interrupts off", KCTX_DO_IN_IRQ_WORK,
          "kernel/smp.c smp_call_function_single_async()")
/// Runs `handler<fn>` while every other CPU stands still.
KCTX_CALL(sleeps, int, stop_machine, (cpu_stop_fn_t fn, void *data, const void *cpus),
          (fn, data, cpus), "stops all CPUs and waits for them", KCTX_DO_LATER,
          "kernel/stop_machine.c stop_machine()")

} // namespace kctx
