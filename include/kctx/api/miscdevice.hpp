// SPDX-License-Identifier: BSL-1.0
/// @file
/// Character devices of their own: /dev/name.
/// @par Kernel source
/// include/linux/miscdevice.h, drivers/char/misc.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/file_operations.hpp>

namespace kctx {

/// A character device; what open() finds in file->private_data.
struct miscdevice {
    const char *name = nullptr;            ///< of the file in /dev
    const file_operations *fops = nullptr; ///< what the file does
    unsigned short mode = 0600;            ///< of the file, as chmod has it
};

#define KCTX_MISC_WHY "takes misc_mtx and allocates"

/// Makes the device appear: 0 or -errno. Its file may be opened before this returns.
KCTX_CALL(sleeps, int, misc_register, (miscdevice * misc), (misc), KCTX_MISC_WHY, KCTX_DO_AT_PROBE,
          "drivers/char/misc.c misc_register()")
/// Makes it disappear; files that are open stay so.
KCTX_CALL(sleeps, void, misc_deregister, (miscdevice * misc), (misc), KCTX_MISC_WHY,
          KCTX_DO_AT_PROBE, "drivers/char/misc.c misc_deregister()")

} // namespace kctx
