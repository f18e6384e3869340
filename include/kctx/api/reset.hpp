// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reset lines.
/// @par Kernel source
/// include/linux/reset.h, drivers/reset/core.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A reset line; the environment's.
struct reset_control;

#define KCTX_RESET_WHY "calls the controller, which may sleep"

KCTX_CALL(sleeps, int, reset_control_assert, (reset_control * line), (line), KCTX_RESET_WHY,
          KCTX_DO_LATER, "drivers/reset/core.c reset_control_assert()")
KCTX_CALL(sleeps, int, reset_control_deassert, (reset_control * line), (line), KCTX_RESET_WHY,
          KCTX_DO_LATER, "drivers/reset/core.c reset_control_deassert()")

} // namespace kctx
