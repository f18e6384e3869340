// SPDX-License-Identifier: BSL-1.0
/// @file
/// Register maps. A map takes a mutex unless its configuration says fast_io, and no type tells:
/// code that knows its map to be fast says so with assume_context().
/// @par Kernel source
/// include/linux/regmap.h, drivers/base/regmap/regmap.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A map; the environment's.
struct regmap;

#define KCTX_REGMAP_WHY "takes the mutex of the map, unless the map is fast_io"

KCTX_CALL(sleeps, int, regmap_read, (regmap * map, unsigned int reg, unsigned int *value),
          (map, reg, value), KCTX_REGMAP_WHY, KCTX_DO_LATER,
          "drivers/base/regmap/regmap.c regmap_read()")
KCTX_CALL(sleeps, int, regmap_write, (regmap * map, unsigned int reg, unsigned int value),
          (map, reg, value), KCTX_REGMAP_WHY, KCTX_DO_LATER,
          "drivers/base/regmap/regmap.c regmap_write()")
KCTX_CALL(sleeps, int, regmap_update_bits,
          (regmap * map, unsigned int reg, unsigned int mask, unsigned int value),
          (map, reg, mask, value), KCTX_REGMAP_WHY, KCTX_DO_LATER,
          "drivers/base/regmap/regmap.c regmap_update_bits_base()")

} // namespace kctx
