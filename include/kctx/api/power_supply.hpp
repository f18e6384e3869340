// SPDX-License-Identifier: BSL-1.0
/// @file
/// Batteries and chargers.
/// @par Kernel source
/// include/linux/power_supply.h, drivers/power/supply/power_supply_core.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A battery or charger; the environment's.
struct power_supply;

/// Tells user space of a change.
KCTX_CALL(locks, void, power_supply_changed, (power_supply * supply), (supply),
          "takes a spinlock and queues a work item", KCTX_DO_OUTSIDE_RAW,
          "drivers/power/supply/power_supply_core.c power_supply_changed()")

} // namespace kctx
