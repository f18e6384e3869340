// SPDX-License-Identifier: BSL-1.0
/// @file
/// Temperature zones.
/// @par Kernel source
/// include/linux/thermal.h, drivers/thermal/thermal_core.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// What has a temperature; the environment's.
struct thermal_zone_device;

KCTX_CALL(sleeps, void, thermal_zone_device_update, (thermal_zone_device * zone, int event),
          (zone, event), "takes the mutex of the zone and reads the sensor", KCTX_DO_LATER,
          "drivers/thermal/thermal_core.c thermal_zone_device_update()")

} // namespace kctx
