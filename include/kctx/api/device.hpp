// SPDX-License-Identifier: BSL-1.0
/// @file
/// The device model: struct device and what every driver does with it.
/// @par Kernel source
/// include/linux/device.h (6.12).
#pragma once

namespace kctx {

/// A device as far as drivers touch it without a call.
struct device {
    const char *name = nullptr; ///< what dev_name() returns
    device *parent = nullptr;
    void *driver_data = nullptr; ///< what dev_set_drvdata() left
};

inline const char *dev_name(const device *dev) noexcept { return dev->name; }
inline void *dev_get_drvdata(const device *dev) noexcept { return dev->driver_data; }
inline void dev_set_drvdata(device *dev, void *data) noexcept { dev->driver_data = data; }

} // namespace kctx
