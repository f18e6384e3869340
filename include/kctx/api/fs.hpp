// SPDX-License-Identifier: BSL-1.0
/// @file
/// Files, from inside the kernel.
/// @par Kernel source
/// include/linux/fs.h, fs/read_write.c, fs/open.c, fs/sync.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/file_operations.hpp>

namespace kctx {

#define KCTX_FS_WHY "waits for the file system"

/// Opens a file; an error pointer if that fails.
KCTX_CALL(sleeps, file *, filp_open, (const char *path, int flags, unsigned short mode),
          (path, flags, mode), KCTX_FS_WHY, KCTX_DO_LATER, "fs/open.c filp_open()")
KCTX_CALL(sleeps, int, filp_close, (file * f, void *owner), (f, owner), KCTX_FS_WHY, KCTX_DO_LATER,
          "fs/open.c filp_close()")
KCTX_CALL(sleeps, ssize_t, kernel_read, (file * f, void *to, size_t count, loff_t *position),
          (f, to, count, position), KCTX_FS_WHY, KCTX_DO_LATER, "fs/read_write.c kernel_read()")
KCTX_CALL(sleeps, ssize_t, kernel_write,
          (file * f, const void *from, size_t count, loff_t *position), (f, from, count, position),
          KCTX_FS_WHY, KCTX_DO_LATER, "fs/read_write.c kernel_write()")
/// Waits until the file is on the disk.
KCTX_CALL(sleeps, int, vfs_fsync, (file * f, int only_data), (f, only_data), "waits for the disk",
          KCTX_DO_LATER, "fs/sync.c vfs_fsync()")

} // namespace kctx
