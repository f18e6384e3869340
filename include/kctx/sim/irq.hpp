// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupt lines.
#pragma once

#include <kctx/api/interrupt.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int request_threaded_irq(unsigned int irq, irq_handler_t primary, irq_handler_t thread,
                         unsigned long, const char *name, void *dev) noexcept
{
    return sim::here().request_line(irq, primary, thread, name, dev);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
