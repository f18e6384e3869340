// SPDX-License-Identifier: BSL-1.0
/// @file
/// Pin multiplexing.
/// @par Kernel source
/// include/linux/pinctrl/consumer.h, drivers/pinctrl/core.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

struct pinctrl;       ///< the pins of a device; the environment's
struct pinctrl_state; ///< one setting of them

KCTX_CALL(sleeps, int, pinctrl_select_state, (pinctrl * pins, pinctrl_state *state), (pins, state),
          "takes mutexes", KCTX_DO_LATER, "drivers/pinctrl/core.c pinctrl_select_state()")

} // namespace kctx
