// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupt lines.
#pragma once

#include <kctx/api/interrupt.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int request_threaded_irq(unsigned int irq, irq_handler_t primary, irq_handler_t thread,
                         unsigned long flags, const char *name, void *dev) noexcept
{
    return sim::here().part<sim::irq_lines>().request(irq, primary, thread, flags, name, dev);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
