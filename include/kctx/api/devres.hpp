// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory that goes with its device.
/// @par Kernel source
/// include/linux/device.h, drivers/base/devres.c (6.12).
#pragma once

#include <kctx/api/device.hpp>
#include <kctx/api/slab.hpp>

namespace kctx {

/// kmalloc() until the device is gone.
KCTX_ALLOCATION(slab, void, devm_kmalloc, (device * dev, size_t size), (), (dev, size), (),
                KCTX_SLAB_FIX, "drivers/base/devres.c devm_kmalloc()")
KCTX_ALLOCATION(slab, void, devm_kzalloc, (device * dev, size_t size), (), (dev, size), (),
                KCTX_SLAB_FIX, "include/linux/device.h devm_kzalloc()")
KCTX_CALL(locks, void, devm_kfree, (device * dev, const void *memory), (dev, memory),
          "takes devres_lock and gives the memory back", KCTX_FREE_FIX,
          "drivers/base/devres.c devm_kfree()")

} // namespace kctx
