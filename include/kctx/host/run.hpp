// SPDX-License-Identifier: BSL-1.0
/// @file
/// Entering the driver: what run() does to the thread.
#pragma once

#include <kctx/host/cpu.hpp>

KCTX_HOST_BEGIN
namespace kctx::host::detail {

entered::entered(const context_state &state) noexcept
    : state_(state), irqs_were_off_(this_cpu().irqs_off)
{
    cpu &c = this_cpu();
    if (state.allows == wait_type::sleep) {
        may_sleep("run");
        return;
    }
    if (state.irqs_disabled)
        irqs_disable(c);
    c.enter_section();
}
entered::~entered()
{
    if (state_.allows == wait_type::sleep) {
        may_sleep("run");
        return;
    }
    cpu &c = this_cpu();
    c.leave_section();
    irqs_restore(c, irqs_were_off_);
}

} // namespace kctx::host::detail
KCTX_HOST_END
