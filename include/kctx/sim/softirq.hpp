// SPDX-License-Identifier: BSL-1.0
/// @file
/// Softirqs that the network raises.
/// @par Kernel source
/// kernel/softirq.c, net/core/dev.c (6.12).
#pragma once

#include <kctx/api/net.hpp>
#include <kctx/api/softirq.hpp>
#include <kctx/sim/memory.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// raise_softirq(), of a softirq that does @p action. Where no interrupt is to end and bottom
/// halves are on, ksoftirqd does.
inline void raises_softirq(std::function<void()> action, call_path path)
{
    machine &m = here();
    const bool off = m.local_irq_save();
    m.raise_softirq(std::move(action), std::move(path));
    m.local_irq_restore(off);
}
/// One that does nothing a driver sees.
inline void nothing_to_serve() {}

/// A softirq polls the device until it has no more packets.
inline void run_poll(napi_struct *napi)
{
    napi->poll.function()(napi, 64);
    if (napi->state != 0)
        raises_softirq([napi] { run_poll(napi); }, {"net_rx_action"});
    else
        here().wake_all(napi);
}
inline void schedule_poll(napi_struct *napi)
{
    if (std::exchange(napi->state, 1) == 0)
        raises_softirq([napi] { run_poll(napi); }, {"net_rx_action"});
}
inline void wait_for_poll(const napi_struct *napi)
{
    while (napi->state != 0)
        here().sleep_on(napi, TASK_UNINTERRUPTIBLE);
}

} // namespace kctx::sim

KCTX_SIM_END
