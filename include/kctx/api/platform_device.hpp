// SPDX-License-Identifier: BSL-1.0
/// @file
/// Devices that no bus finds, and their drivers: `platform_driver card_driver = {.probe =
/// handler<card_probe>, .remove = handler<card_remove>, .driver = {.name = "card"}};`
/// @par Kernel source
/// include/linux/platform_device.h, drivers/base/platform.c, drivers/base/dd.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/device.hpp>
#include <kctx/api/init.hpp>

namespace kctx {

/// A device; the driver of the same name gets it.
struct platform_device {
    const char *name = nullptr; ///< that of its driver
    device dev;                 ///< in the device model
};
/// Keeps @p data for the driver, usually its own structure.
inline void platform_set_drvdata(platform_device *pdev, void *data) noexcept
{
    dev_set_drvdata(&pdev->dev, data);
}
/// What platform_set_drvdata() kept.
inline void *platform_get_drvdata(const platform_device *pdev) noexcept
{
    return dev_get_drvdata(&pdev->dev);
}

// The driver core calls them with the device's mutex held (drivers/base/dd.c,
// __driver_probe_device(), __device_release_driver()).
/// A device of the driver's name is there: 0 if the driver takes it, or -errno.
KCTX_CALLBACK(platform_probe_t, platform_driver_register, ProcessCtx, int, platform_device *)
/// The device, or the driver, goes.
KCTX_CALLBACK(platform_remove_t, platform_driver_register, ProcessCtx, void, platform_device *)
/// A driver.
struct platform_driver {
    platform_probe_t probe = {};   ///< for each device of its name
    platform_remove_t remove = {}; ///< for each device that it took
    /// What every driver has, of whatever bus.
    struct device_driver {
        const char *name = nullptr; ///< of the driver and its devices
    } driver;                       ///< its part of struct device_driver
};

#define KCTX_PLATFORM_WHY "takes the mutexes of the devices and calls the driver"
/// Gives the driver the devices of its name, those still to come as well: 0 or -errno.
KCTX_CALL(sleeps, int, platform_driver_register, (platform_driver * driver), (driver),
          KCTX_PLATFORM_WHY, KCTX_DO_AT_PROBE, "drivers/base/platform.c platform_driver_register()")
/// Takes its devices away from the driver.
KCTX_CALL(sleeps, void, platform_driver_unregister, (platform_driver * driver), (driver),
          KCTX_PLATFORM_WHY, KCTX_DO_AT_PROBE,
          "drivers/base/platform.c platform_driver_unregister()")
/// A device comes: 0 or -errno.
KCTX_CALL(sleeps, int, platform_device_register, (platform_device * pdev), (pdev),
          KCTX_PLATFORM_WHY, KCTX_DO_AT_PROBE, "drivers/base/platform.c platform_device_register()")
/// It goes.
KCTX_CALL(sleeps, void, platform_device_unregister, (platform_device * pdev), (pdev),
          KCTX_PLATFORM_WHY, KCTX_DO_AT_PROBE,
          "drivers/base/platform.c platform_device_unregister()")

} // namespace kctx

/// A module that is one platform driver.
#define module_platform_driver(driver_)                                                            \
    module_driver(driver_, platform_driver_register, platform_driver_unregister)
