// SPDX-License-Identifier: BSL-1.0
/// @file
/// The device model: struct device and what every driver does with it.
/// @par Kernel source
/// include/linux/device.h (6.12).
#pragma once

namespace kctx {

/// A device as far as drivers touch it without a call.
struct device {
    const char *name = nullptr;  ///< what dev_name() returns
    device *parent = nullptr;    ///< the device that it is a part of
    void *driver_data = nullptr; ///< what dev_set_drvdata() left
};

/// For messages: "usb1", "0000:00:1f.2".
inline const char *dev_name(const device *dev) noexcept { return dev->name; }
/// What dev_set_drvdata() kept.
inline void *dev_get_drvdata(const device *dev) noexcept { return dev->driver_data; }
/// Keeps @p data for the driver, usually its own structure.
inline void dev_set_drvdata(device *dev, void *data) noexcept { dev->driver_data = data; }

} // namespace kctx
