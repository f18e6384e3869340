// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a platform device has: interrupt lines and registers.
/// @par Kernel source
/// include/linux/platform_device.h, drivers/base/platform.c (6.12).
#pragma once

#include <kctx/api/io.hpp>
#include <kctx/api/platform_device.hpp>

namespace kctx {

/// The number of an interrupt line of the device, or -errno.
KCTX_CALL(sleeps, int, platform_get_irq, (platform_device * pdev, unsigned int index),
          (pdev, index), "may ask firmware and map the line, under mutexes", KCTX_DO_AT_PROBE,
          "drivers/base/platform.c platform_get_irq()")
/// The registers of the device, mapped until it is gone; an error pointer if that fails.
KCTX_CALL(sleeps, iomem *, devm_platform_ioremap_resource,
          (platform_device * pdev, unsigned int index), (pdev, index), KCTX_IOREMAP_WHY,
          KCTX_IOREMAP_FIX, "drivers/base/platform.c devm_platform_ioremap_resource()")

} // namespace kctx
