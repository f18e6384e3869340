// SPDX-License-Identifier: BSL-1.0
/// @file
/// Voltage regulators, most of them behind an I2C bus.
/// @par Kernel source
/// include/linux/regulator/consumer.h, drivers/regulator/core.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A regulator; the environment's.
struct regulator;

#define KCTX_REGULATOR_WHY "takes a ww_mutex"

KCTX_CALL(sleeps, int, regulator_enable, (regulator * r), (r), KCTX_REGULATOR_WHY, KCTX_DO_LATER,
          "drivers/regulator/core.c regulator_enable()")
KCTX_CALL(sleeps, int, regulator_disable, (regulator * r), (r), KCTX_REGULATOR_WHY, KCTX_DO_LATER,
          "drivers/regulator/core.c regulator_disable()")
KCTX_CALL(sleeps, int, regulator_set_voltage, (regulator * r, int least_uv, int most_uv),
          (r, least_uv, most_uv), KCTX_REGULATOR_WHY, KCTX_DO_LATER,
          "drivers/regulator/core.c regulator_set_voltage()")
KCTX_CALL(sleeps, int, regulator_is_enabled, (regulator * r), (r), KCTX_REGULATOR_WHY,
          KCTX_DO_LATER, "drivers/regulator/core.c regulator_is_enabled()")

} // namespace kctx
