// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupt lines.
#pragma once

#include <kctx/api/interrupt.hpp>
#include <kctx/api/softirq.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

inline irq_lines &lines() { return here().part<irq_lines>(); }
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
    sim::machine &m = sim::called("request_irq");
    const sim::frame in("request_threaded_irq");
    m.might_sleep("include/linux/sched/mm.h", m.config.since(6, 12) ? 321 : 0); // its action
    return sim::lines().request(irq, primary, thread, flags, name, dev);
}
const void *free_irq(unsigned int irq, void *dev) noexcept
{
    sim::called("free_irq");
    const sim::frame in("free_irq");
    sim::may_wait_for_handler(0);
    return sim::lines().free(irq, dev);
}
void disable_irq(unsigned int irq) noexcept
{
    sim::called("disable_irq");
    const sim::frame in("disable_irq");
    sim::may_wait_for_handler(739);
    sim::lines().disable(irq);
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
    sim::lines().disable(irq);
}
bool disable_hardirq(unsigned int irq) noexcept
{
    sim::called("disable_hardirq");
    sim::lines().disable(irq);
    return sim::lines().is_idle(irq);
}
bool synchronize_hardirq(unsigned int irq) noexcept
{
    sim::called("synchronize_hardirq");
    return sim::lines().is_idle(irq);
}
void enable_irq(unsigned int irq) noexcept
{
    sim::called("enable_irq");
    sim::lines().enable(irq);
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
