// SPDX-License-Identifier: BSL-1.0
/// @file
/// Files of a device in sysfs: `device_attribute dev_attr_state{.name = "state", .mode = 0444,
/// .show = handler<state_show>};` is what DEVICE_ATTR_RO(state) defines.
/// @par Kernel source
/// include/linux/device.h, drivers/base/core.c, fs/sysfs/file.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/device.hpp>
#include <kctx/api/types.hpp>

namespace kctx {

struct device_attribute;
/// Process context: sysfs copies between the page and the process itself, with a mutex held
/// (fs/kernfs/file.c, kernfs_fop_read_iter()).
KCTX_CALLBACK(attribute_show_t, device_attribute, ProcessCtx, ssize_t, device *, device_attribute *,
              char *)
/// Reads what was written to the attribute: how many of the bytes it took, or -errno.
KCTX_CALLBACK(attribute_store_t, device_attribute, ProcessCtx, ssize_t, device *,
              device_attribute *, const char *, size_t)
/// A file in sysfs.
struct device_attribute {
    const char *name = nullptr; ///< of the file
    unsigned short mode = 0644; ///< of the file, as chmod has it
    attribute_show_t show;      ///< fills the page, 4096 bytes; returns how much, or -errno
    attribute_store_t store;    ///< reads a text, which a NUL ends; returns what it used, or -errno
};

#define KCTX_ATTRIBUTE_WHY "takes mutexes and allocates"
/// Makes the file appear: 0 or -errno.
KCTX_CALL(sleeps, int, device_create_file, (device * dev, device_attribute *attribute),
          (dev, attribute), KCTX_ATTRIBUTE_WHY, KCTX_DO_AT_PROBE,
          "drivers/base/core.c device_create_file()")
/// Makes it disappear, and waits for a show() or store() that runs.
KCTX_CALL(sleeps, void, device_remove_file, (device * dev, device_attribute *attribute),
          (dev, attribute), "waits for whoever reads or writes the file", KCTX_DO_AT_PROBE,
          "drivers/base/core.c device_remove_file()")

} // namespace kctx
