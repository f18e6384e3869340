// SPDX-License-Identifier: BSL-1.0
/// @file
/// Devices and their files, as user space reaches them; platform devices and their drivers.
/// @par Kernel source
/// drivers/char/misc.c, fs/read_write.c, fs/ioctl.c, fs/sysfs/file.c, drivers/base/platform.c,
/// drivers/base/dd.c (6.12).
#pragma once

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include <kctx/api/device_attribute.hpp>
#include <kctx/api/miscdevice.hpp>
#include <kctx/api/platform_device.hpp>
#include <kctx/host/control.hpp>
#include <kctx/host/run.hpp>
#include <kctx/host/user_space.hpp>
#include <kctx/host/wait.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

/// What is registered. A mutex guards it that is not held while the driver runs: what the driver is
/// called for may register more.
struct device_registry {
    std::mutex lock;
    std::vector<miscdevice *> misc;
    std::vector<std::pair<device *, device_attribute *>> attributes;
    std::vector<platform_device *> platform_devices;
    std::vector<platform_driver *> platform_drivers;
    std::vector<std::pair<platform_device *, platform_driver *>> bound;
    std::vector<std::pair<platform_device *, platform_driver *>> refused; ///< by probe()
    /// Held while show() or store() runs: who removes the file waits for them.
    std::recursive_mutex active;
};

/// Calls @p fn in context @p C, as the kernel does.
template <context C, class F> inline auto call_in(F fn)
{
    return run<C>([&](C) { return fn(); });
}

inline miscdevice *find_misc(std::string_view name)
{
    auto &registry = immortal<device_registry>();
    const std::lock_guard held(registry.lock);
    for (miscdevice *misc : registry.misc) {
        if (name == misc->name)
            return misc;
    }
    return nullptr;
}
inline device_attribute *find_attribute(const device *dev, std::string_view name)
{
    auto &registry = immortal<device_registry>();
    const std::lock_guard held(registry.lock);
    for (const auto &[owner, attribute] : registry.attributes) {
        if (owner == dev && name == attribute->name)
            return attribute;
    }
    return nullptr;
}

opened_file::opened_file(std::string_view name, unsigned int flags)
    : inode_(), file_(), error_(-ENODEV)
{
    miscdevice *misc = find_misc(name);
    if (!misc)
        return;
    file_.f_op = misc->fops;
    file_.f_flags = flags;
    file_.private_data = misc;
    error_ = 0;
    if (misc->fops->open)
        error_ = call_in<SyscallCtx>([&] { return file_.f_op->open.function()(&inode_, &file_); });
}
opened_file::~opened_file()
{
    if (error_ != 0)
        return;
    if (file_.f_op->flush)
        call_in<SyscallCtx>([&] { return file_.f_op->flush.function()(&file_); });
    if (file_.f_op->release)
        call_in<ProcessCtx>([&] { return file_.f_op->release.function()(&inode_, &file_); });
}
ssize_t opened_file::read(void *to, size_t size)
{
    if (!file_.f_op->read)
        return -EINVAL;
    return call_in<SyscallCtx>([&] {
        return file_.f_op->read.function()(&file_, user_ptr<char>(static_cast<char *>(to)), size,
                                           &file_.f_pos);
    });
}
ssize_t opened_file::write(const void *from, size_t size)
{
    if (!file_.f_op->write)
        return -EINVAL;
    return call_in<SyscallCtx>([&] {
        return file_.f_op->write.function()(
            &file_, user_ptr<const char>(static_cast<const char *>(from)), size, &file_.f_pos);
    });
}
long opened_file::ioctl(unsigned int command, unsigned long argument)
{
    if (!file_.f_op->unlocked_ioctl)
        return -ENOTTY;
    return call_in<SyscallCtx>(
        [&] { return file_.f_op->unlocked_ioctl.function()(&file_, command, argument); });
}

std::string read_attribute(device *dev, std::string_view name, ssize_t *error)
{
    char page[4096] = {};
    ssize_t length = -EIO;
    const std::lock_guard running(immortal<device_registry>().active);
    device_attribute *attribute = find_attribute(dev, name);
    if (!attribute)
        length = -ENOENT;
    else if (attribute->show)
        length =
            call_in<ProcessCtx>([&] { return attribute->show.function()(dev, attribute, page); });
    if (error)
        *error = std::min<ssize_t>(length, 0);
    return std::string(page, static_cast<size_t>(std::max<ssize_t>(length, 0)));
}
ssize_t write_attribute(device *dev, std::string_view name, std::string text)
{
    const std::lock_guard running(immortal<device_registry>().active);
    device_attribute *attribute = find_attribute(dev, name);
    if (!attribute)
        return -ENOENT;
    if (!attribute->store)
        return -EIO;
    return call_in<ProcessCtx>(
        [&] { return attribute->store.function()(dev, attribute, text.c_str(), text.size()); });
}

inline void unbind(platform_device *pdev, platform_driver *driver)
{
    if (driver->remove)
        driver->remove.function()(pdev);
    auto &registry = immortal<device_registry>();
    const std::lock_guard held(registry.lock);
    std::erase(registry.bound, std::pair(pdev, driver));
}
/// Probes the devices that have a driver of their name, and none yet.
inline void bind_all()
{
    auto &registry = immortal<device_registry>();
    for (;;) {
        std::pair<platform_device *, platform_driver *> found{};
        {
            const std::lock_guard held(registry.lock);
            const auto fit = [&](platform_device *pdev, platform_driver *driver) {
                return std::strcmp(pdev->name, driver->driver.name) == 0 &&
                       std::count(registry.refused.begin(), registry.refused.end(),
                                  std::pair(pdev, driver)) == 0 &&
                       std::none_of(registry.bound.begin(), registry.bound.end(),
                                    [&](const auto &pair) { return pair.first == pdev; });
            };
            for (platform_device *pdev : registry.platform_devices) {
                for (platform_driver *driver : registry.platform_drivers) {
                    if (fit(pdev, driver))
                        found = {pdev, driver};
                }
            }
            if (!found.first)
                return;
            registry.bound.push_back(found);
        }
        const auto [pdev, driver] = found;
        const int error = driver->probe ? driver->probe.function()(pdev) : 0;
        if (error == 0)
            continue;
        // As really_probe(): the device stays, without a driver.
        env::dev_printk(KERN_ERR, &pdev->dev, "probe failed with error %d\n", error);
        const std::lock_guard held(registry.lock);
        std::erase(registry.bound, found);
        registry.refused.push_back(found);
    }
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int misc_register(miscdevice *misc) noexcept
{
    host::may_sleep("misc_register");
    if (host::find_misc(misc->name))
        return -EEXIST;
    auto &registry = host::immortal<host::device_registry>();
    const std::lock_guard held(registry.lock);
    registry.misc.push_back(misc);
    return 0;
}
void misc_deregister(miscdevice *misc) noexcept
{
    host::may_sleep("misc_deregister");
    auto &registry = host::immortal<host::device_registry>();
    const std::lock_guard held(registry.lock);
    std::erase(registry.misc, misc);
}
int device_create_file(device *dev, device_attribute *attribute) noexcept
{
    host::may_sleep("device_create_file");
    if (host::find_attribute(dev, attribute->name))
        return -EEXIST;
    auto &registry = host::immortal<host::device_registry>();
    const std::lock_guard held(registry.lock);
    registry.attributes.emplace_back(dev, attribute);
    return 0;
}
void device_remove_file(device *dev, device_attribute *attribute) noexcept
{
    host::may_sleep("device_remove_file");
    auto &registry = host::immortal<host::device_registry>();
    const std::lock_guard running(registry.active);
    const std::lock_guard held(registry.lock);
    std::erase(registry.attributes, std::pair(dev, attribute));
}
int platform_driver_register(platform_driver *driver) noexcept
{
    host::may_sleep("platform_driver_register");
    auto &registry = host::immortal<host::device_registry>();
    {
        const std::lock_guard held(registry.lock);
        registry.platform_drivers.push_back(driver);
    }
    host::bind_all();
    return 0;
}
void platform_driver_unregister(platform_driver *driver) noexcept
{
    host::may_sleep("platform_driver_unregister");
    auto &registry = host::immortal<host::device_registry>();
    std::vector<platform_device *> devices;
    {
        const std::lock_guard held(registry.lock);
        std::erase(registry.platform_drivers, driver);
        std::erase_if(registry.refused, [&](const auto &pair) { return pair.second == driver; });
        for (const auto &[pdev, of] : registry.bound) {
            if (of == driver)
                devices.push_back(pdev);
        }
    }
    for (platform_device *pdev : devices)
        host::unbind(pdev, driver);
}
int platform_device_register(platform_device *pdev) noexcept
{
    host::may_sleep("platform_device_register");
    pdev->dev.name = pdev->name;
    auto &registry = host::immortal<host::device_registry>();
    {
        const std::lock_guard held(registry.lock);
        registry.platform_devices.push_back(pdev);
    }
    host::bind_all();
    return 0;
}
void platform_device_unregister(platform_device *pdev) noexcept
{
    host::may_sleep("platform_device_unregister");
    auto &registry = host::immortal<host::device_registry>();
    platform_driver *driver = nullptr;
    {
        const std::lock_guard held(registry.lock);
        std::erase(registry.platform_devices, pdev);
        std::erase_if(registry.refused, [&](const auto &pair) { return pair.first == pdev; });
        for (const auto &[of, bound] : registry.bound) {
            if (of == pdev)
                driver = bound;
        }
    }
    if (driver)
        host::unbind(pdev, driver);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
