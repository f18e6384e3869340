// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupt lines.
#pragma once

#include <kctx/api/devm_irq.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/softirq.hpp>
#include <kctx/sim/memory.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// The lines of the machine that runs.
inline irq_lines &lines() { return here().part<irq_lines>(); }
inline const kernel_lock<raw_spinlock_t> irq_desc_lock("&irq_desc_lock_class");
inline const kernel_lock<mutex> irq_request_mutex("&desc->request_mutex");
/// Those of a line whose state is about to change.
inline irq_lines &locked_lines()
{
    passes(irq_desc_lock);
    return lines();
}
/// The action of the line, and the mutex that it is added under (__setup_irq()).
inline void may_set_up_line()
{
    allocates(gfp_kernel);
    passes(irq_request_mutex);
}
/// What waits for a handler begins with; @p line: of kernel/irq/manage.c in 6.12.
inline void may_wait_for_handler(int line)
{
    machine &m = here();
    m.might_sleep("kernel/irq/manage.c", m.config.since(6, 12) ? line : 0);
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int request_threaded_irq(unsigned int irq, irq_handler_t primary, irq_handler_t thread,
                         unsigned long flags, const char *name, void *dev) noexcept
{
    sim::called("request_irq");
    const sim::frame in("request_threaded_irq");
    sim::may_set_up_line();
    return sim::locked_lines().request(irq, primary, thread, flags, name, dev);
}
const void *free_irq(unsigned int irq, void *dev) noexcept
{
    sim::called("free_irq");
    const sim::frame in("free_irq");
    sim::warn_on(sim::here().in_interrupt(), sim::at("kernel/irq/manage.c", 0), "__free_irq");
    sim::passes(sim::irq_request_mutex);
    return sim::lines().free(irq, dev);
}
void disable_irq(unsigned int irq) noexcept
{
    sim::called("disable_irq");
    const sim::frame in("disable_irq");
    sim::may_wait_for_handler(739);
    sim::locked_lines().disable(irq);
    sim::lines().synchronize(irq);
}
void synchronize_irq(unsigned int irq) noexcept
{
    sim::called("synchronize_irq");
    const sim::frame in("synchronize_irq");
    if (sim::lines().has_action(irq))
        sim::may_wait_for_handler(119);
    sim::lines().synchronize(irq);
}
void disable_irq_nosync(unsigned int irq) noexcept
{
    sim::called("disable_irq_nosync");
    sim::locked_lines().disable(irq);
}
bool disable_hardirq(unsigned int irq) noexcept
{
    sim::called("disable_hardirq");
    sim::locked_lines().disable(irq);
    return sim::locked_lines().is_idle(irq);
}
bool synchronize_hardirq(unsigned int irq) noexcept
{
    sim::called("synchronize_hardirq");
    return sim::locked_lines().is_idle(irq);
}
void enable_irq(unsigned int irq) noexcept
{
    sim::called("enable_irq");
    sim::locked_lines().enable(irq);
}

int devm_request_threaded_irq(device *, unsigned int irq, irq_handler_t primary,
                              irq_handler_t thread, unsigned long flags, const char *name,
                              void *data) noexcept
{
    const sim::in_call in("devm_request_threaded_irq");
    sim::allocates(sim::gfp_kernel);
    return env::request_threaded_irq(irq, primary, thread, flags, name, data);
}
void devm_free_irq(device *, unsigned int irq, void *data) noexcept
{
    const sim::in_call in("devm_free_irq");
    sim::passes(sim::devres_lock);
    env::free_irq(irq, data);
}
KCTX_SIM_CALL(int, irq_set_irq_wake, (unsigned int, unsigned int), passes(irq_desc_lock))
KCTX_SIM_CALL(int, irq_set_affinity, (unsigned int, const void *), passes(irq_desc_lock))
void irq_wake_thread(unsigned int irq, void *dev) noexcept
{
    sim::called("irq_wake_thread");
    sim::locked_lines().wake_thread(irq, dev);
}

/// A softirq of the kernel's: what it does, a driver does not see.
void raise_softirq_irqoff(unsigned int) noexcept
{
    sim::machine &m = sim::called("raise_softirq_irqoff");
    if (m.config.prove_locking && m.config.since(5, 11) && !m.irqs_disabled())
        m.warn_once({"kernel/softirq.c", m.config.since(6, 12) ? 723 : 0},
                    "__raise_softirq_irqoff");
    m.raise_softirq([] {});
}
void raise_softirq(unsigned int nr) noexcept
{
    sim::machine &m = sim::called("raise_softirq");
    const bool off = m.local_irq_save();
    env::raise_softirq_irqoff(nr);
    m.local_irq_restore(off);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
