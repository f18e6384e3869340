// SPDX-License-Identifier: BSL-1.0
/// @file
/// Registering devices, and what user space sees of them.
/// @par Kernel source
/// drivers/base/core.c, include/linux/device.h, lib/kobject.c, fs/sysfs, fs/debugfs, fs/proc,
/// fs/char_dev.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/device.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

struct kobject;         ///< what sysfs shows; the environment's
struct attribute;       ///< a file in sysfs
struct attribute_group; ///< several
struct kernfs_node;     ///< a file in sysfs, found once
struct dentry;          ///< a file or folder in debugfs
struct proc_dir_entry;  ///< a file or folder in procfs
struct proc_ops;
struct file_operations;
struct cdev; ///< a character device

#define KCTX_DEVICE_WHY "takes mutexes and allocates"
#define KCTX_RELEASE_WHY "calls the release function if it was the last reference"
#define KCTX_RELEASE_FIX "drop the reference in a work item"

KCTX_CALL(sleeps, int, device_register, (device * dev), (dev), KCTX_DEVICE_WHY, KCTX_DO_AT_PROBE,
          "drivers/base/core.c device_register()")
KCTX_CALL(sleeps, int, device_add, (device * dev), (dev), KCTX_DEVICE_WHY, KCTX_DO_AT_PROBE,
          "drivers/base/core.c device_add()")
KCTX_CALL(sleeps, void, device_unregister, (device * dev), (dev), KCTX_DEVICE_WHY, KCTX_DO_AT_PROBE,
          "drivers/base/core.c device_unregister()")
KCTX_CALL(sleeps, void, device_lock, (device * dev), (dev), "is a mutex", KCTX_DO_LATER,
          "include/linux/device.h device_lock()")
KCTX_CALL(sleeps, void, device_unlock, (device * dev), (dev), "gives a mutex back", KCTX_GIVE_BACK,
          "include/linux/device.h device_unlock()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Counts a reference; legal in every context.
device *get_device(device *dev) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::get_device;
KCTX_LEGAL_ANYWHERE(get_device, "counts a reference", "drivers/base/core.c get_device()")

/// Drops a reference. One that is not the last never sleeps, which no type tells.
KCTX_CALL(sleeps, void, put_device, (device * dev), (dev), KCTX_RELEASE_WHY, KCTX_RELEASE_FIX,
          "drivers/base/core.c put_device()")
KCTX_CALL(sleeps, void, kobject_put, (kobject * object), (object), KCTX_RELEASE_WHY,
          KCTX_RELEASE_FIX, "lib/kobject.c kobject_put()")
/// Tells user space.
KCTX_CALL(sleeps, int, kobject_uevent, (kobject * object, int action), (object, action),
          "allocates with GFP_KERNEL and takes a mutex", KCTX_DO_LATER,
          "lib/kobject_uevent.c kobject_uevent_env()")
KCTX_CALL(sleeps, int, sysfs_create_file, (kobject * object, const attribute *file), (object, file),
          KCTX_DEVICE_WHY, KCTX_DO_AT_PROBE, "include/linux/sysfs.h sysfs_create_file()")
KCTX_CALL(sleeps, int, sysfs_create_group, (kobject * object, const attribute_group *group),
          (object, group), KCTX_DEVICE_WHY, KCTX_DO_AT_PROBE,
          "fs/sysfs/group.c sysfs_create_group()")
/// Wakes who polls a file.
KCTX_CALL(sleeps, void, sysfs_notify, (kobject * object, const char *folder, const char *file),
          (object, folder, file), "takes the rw_semaphore of the file system",
          "sysfs_notify_dirent()", "fs/sysfs/file.c sysfs_notify()")
/// The same of a file found before.
KCTX_CALL(locks, void, sysfs_notify_dirent, (kernfs_node * file), (file),
          "takes kernfs_notify_lock", KCTX_DO_OUTSIDE_RAW, "fs/kernfs/file.c kernfs_notify()")
KCTX_CALL(sleeps, dentry *, debugfs_create_file,
          (const char *name, unsigned short mode, dentry *folder, void *data,
           const file_operations *operations),
          (name, mode, folder, data, operations), KCTX_DEVICE_WHY, KCTX_DO_AT_PROBE,
          "fs/debugfs/inode.c debugfs_create_file()")
KCTX_CALL(sleeps, proc_dir_entry *, proc_create,
          (const char *name, unsigned short mode, proc_dir_entry *folder,
           const proc_ops *operations),
          (name, mode, folder, operations), KCTX_DEVICE_WHY, KCTX_DO_AT_PROBE,
          "fs/proc/generic.c proc_create()")
KCTX_CALL(sleeps, int, cdev_add, (cdev * device, unsigned int number, unsigned int count),
          (device, number, count), KCTX_DEVICE_WHY, KCTX_DO_AT_PROBE, "fs/char_dev.c cdev_add()")

} // namespace kctx
