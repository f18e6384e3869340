// SPDX-License-Identifier: BSL-1.0
/// @file
/// Functions on other CPUs.
/// @par Kernel source
/// kernel/smp.c, kernel/stop_machine.c (6.12).
#pragma once

#include <kctx/api/smp.hpp>
#include <kctx/sim/mutex.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// Has @p cpu call it in a hard irq; waits for that only if it is to.
inline void run_on(unsigned cpu, smp_call_func_t func, void *info, bool wait)
{
    machine &m = here();
    const auto run = [func, info] { func.function()(info); };
    if (wait || cpu == m.cpu_number())
        m.call_on(cpu, run);
    else
        m.irq_at(m.now(), run, {"generic_smp_call_function_single_interrupt"}, cpu);
}

/// smp_call_function_single(): two CPUs that wait for each other with interrupts off wait for ever,
/// and an interrupt may have come into the middle of another call.
inline int call_single(int cpu, smp_call_func_t func, void *info, bool wait)
{
    machine &m = here();
    if (cpu < 0 || static_cast<unsigned>(cpu) >= m.config.cpus)
        return -ENXIO;
    m.preempt_disable();
    warn_once_on(m.irqs_disabled(), at("kernel/smp.c", 652), "smp_call_function_single");
    warn_once_on(!m.in_task(), at("kernel/smp.c", 661), "smp_call_function_single");
    run_on(static_cast<unsigned>(cpu), func, info, wait);
    m.preempt_enable();
    return 0;
}
inline void call_many(smp_call_func_t func, void *info, bool wait, bool here_too)
{
    machine &m = here();
    warn_once_on(m.irqs_disabled(), at("kernel/smp.c", 807), "smp_call_function_many_cond");
    warn_once_on(!m.in_task(), at("kernel/smp.c", 815), "smp_call_function_many_cond");
    for (unsigned cpu = 0; cpu < m.config.cpus; ++cpu) {
        if (cpu != m.cpu_number() || here_too)
            run_on(cpu, func, info, wait);
    }
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait) noexcept
{
    const sim::in_call in("smp_call_function_single");
    return sim::call_single(cpu, func, info, wait != 0);
}
void on_each_cpu(smp_call_func_t func, void *info, int wait) noexcept
{
    const sim::in_call in("on_each_cpu_cond_mask");
    sim::here().preempt_disable();
    sim::call_many(func, info, wait != 0, true);
    sim::here().preempt_enable();
}
void smp_call_function(smp_call_func_t func, void *info, int wait) noexcept
{
    const sim::in_call in("smp_call_function");
    sim::here().preempt_disable();
    sim::call_many(func, info, wait != 0, false);
    sim::here().preempt_enable();
}
void smp_call_function_many(const void *, smp_call_func_t func, void *info, bool wait) noexcept
{
    const sim::in_call in("smp_call_function_many");
    sim::warn_once_on(!sim::here().in_atomic() && !sim::here().irqs_disabled(),
                      sim::at("kernel/smp.c", 0), "smp_call_function_many_cond");
    sim::call_many(func, info, wait, false);
}
int smp_call_function_single_async(int cpu, call_single_data *call) noexcept
{
    const sim::in_call in("smp_call_function_single_async");
    if (cpu < 0 || static_cast<unsigned>(cpu) >= sim::here().config.cpus)
        return -ENXIO;
    sim::run_on(static_cast<unsigned>(cpu), call->func, call->info, false);
    return 0;
}
int stop_machine(cpu_stop_fn_t fn, void *data, const void *) noexcept
{
    const sim::in_call in("stop_machine");
    env::cpus_read_lock();
    sim::machine &m = sim::here();
    m.preempt_disable();
    const bool off = m.local_irq_save();
    const int error = fn.function()(data);
    m.local_irq_restore(off);
    m.preempt_enable();
    env::cpus_read_unlock();
    return error;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
