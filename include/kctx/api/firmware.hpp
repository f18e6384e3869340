// SPDX-License-Identifier: BSL-1.0
/// @file
/// Firmware from files.
/// @par Kernel source
/// include/linux/firmware.h, drivers/base/firmware_loader/main.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/device.hpp>
#include <kctx/api/slab.hpp>

namespace kctx {

/// What the file holds.
struct firmware {
    size_t size = 0;          ///< bytes
    const u8 *data = nullptr; ///< from request_firmware() to release_firmware()
};
/// Called in a work item when the file is there or not (NULL): `void fn(WorkCtx, const firmware *,
/// void *)`.
KCTX_CALLBACK(firmware_cont_t, request_firmware_nowait, WorkCtx, void, const firmware *, void *)

/// Loads a file: 0 or -errno.
KCTX_CALL(sleeps, int, request_firmware, (const firmware **fw, const char *name, device *dev),
          (fw, name, dev), "reads a file", "request_firmware_nowait(), or a work item",
          "drivers/base/firmware_loader/main.c request_firmware()")
/// Has a work item load a file and call `handler<fn>`: 0 or -errno.
KCTX_GFP_CALL(int, request_firmware_nowait, (const char *name, device *dev),
              (void *context, firmware_cont_t cont), (name, dev), (context, cont),
              "GFP_ATOMIC (it can fail), or ask at probe time",
              "drivers/base/firmware_loader/main.c request_firmware_nowait()")
KCTX_CALL(sleeps, void, release_firmware, (const firmware *fw), (fw),
          "frees memory of vmalloc() and takes a lock", KCTX_DO_LATER,
          "drivers/base/firmware_loader/main.c release_firmware()")

} // namespace kctx
