// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a driver does when user space opens, reads, writes its file:
/// `const file_operations fops = {.open = handler<card_open>, .read = handler<card_read>};`
/// @par Kernel source
/// include/linux/fs.h, fs/read_write.c, fs/ioctl.c, fs/file_table.c (6.12).
#pragma once

#include <kctx/api/callback.hpp>
#include <kctx/api/uaccess.hpp>

namespace kctx {

struct file_operations;
struct vm_area_struct;
/// A file as it lies in its file system.
struct inode {
    unsigned int i_rdev = 0;   ///< number of the device
    void *i_private = nullptr; ///< the driver's
};
/// An open file.
struct file {
    const file_operations *f_op = nullptr; ///< what the system calls on it call
    unsigned int f_flags = 0;              ///< O_NONBLOCK, ...
    loff_t f_pos = 0; ///< bytes from the start: what the next read() or write() begins at
    void *private_data = nullptr; ///< the driver's
};

// System calls: each may reach the memory of its process.
/// A process opens the file: 0 or -errno.
KCTX_CALLBACK(file_open_t, file_operations, SyscallCtx, int, inode *, file *)
/// Gives the process bytes: how many it put there, 0 at the end, or -errno.
KCTX_CALLBACK(file_read_t, file_operations, SyscallCtx, ssize_t, file *, user_ptr<char>, size_t,
              loff_t *)
/// Takes bytes from the process: how many it took, or -errno.
KCTX_CALLBACK(file_write_t, file_operations, SyscallCtx, ssize_t, file *, user_ptr<const char>,
              size_t, loff_t *)
/// A command of the driver's own and its argument, often a user pointer; -ENOTTY for others.
KCTX_CALLBACK(file_ioctl_t, file_operations, SyscallCtx, long, file *, unsigned int, unsigned long)
/// Moves f_pos, from the start, f_pos or the end (SEEK_*): where it is now, or -errno.
KCTX_CALLBACK(file_llseek_t, file_operations, SyscallCtx, loff_t, file *, loff_t, int)
/// Maps the file into the memory of the process: 0 or -errno. mmap_lock is held.
KCTX_CALLBACK(file_mmap_t, file_operations, SyscallCtx, int, file *, vm_area_struct *)
/// A process closes one of its descriptors: 0 or -errno, which close() returns.
KCTX_CALLBACK(file_flush_t, file_operations, SyscallCtx, int, file *)
/// The last reference may be dropped by any task, also by a kworker (fs/file_table.c,
/// delayed_fput()): process context without user memory.
KCTX_CALLBACK(file_release_t, file_operations, ProcessCtx, int, inode *, file *)

/// The operations of a file. One that is not there does what the kernel does without it. (They have
/// an initialiser, or g++ would ask for all of them where one names a few.)
struct file_operations {
    file_llseek_t llseek = {};        ///< lseek()
    file_read_t read = {};            ///< read(), pread()
    file_write_t write = {};          ///< write(), pwrite()
    file_ioctl_t unlocked_ioctl = {}; ///< ioctl()
    file_mmap_t mmap = {};            ///< mmap()
    file_open_t open = {};            ///< open()
    file_flush_t flush = {};          ///< each close()
    file_release_t release = {};      ///< the last reference is gone
};

} // namespace kctx
