// SPDX-License-Identifier: BSL-1.0
/// @file
/// What user space does to a driver: it opens its files, and reads and writes them. For the
/// program's tests; <kctx/host.hpp> defines it.
#pragma once

#include <string>
#include <string_view>

#include <kctx/api/file_operations.hpp>

namespace kctx {
struct device;
} // namespace kctx

namespace kctx::host {

/// /dev/@p name of a misc device, opened. Each function is a system call of this thread, and
/// returns what the call does, -errno if it fails.
class opened_file
{
    inode inode_;
    file file_;
    int error_;

public:
    explicit opened_file(std::string_view name, unsigned int flags = 0);
    /// close(2)
    ~opened_file();
    opened_file(const opened_file &) = delete;
    opened_file &operator=(const opened_file &) = delete;
    /// 0, or what open(2) failed with; nothing else may be done with such a file.
    int error() const { return error_; }
    ssize_t read(void *to, size_t size);
    ssize_t write(const void *from, size_t size);
    ssize_t write(std::string_view text) { return write(text.data(), text.size()); }
    long ioctl(unsigned int command, unsigned long argument);
};

/// The text that file @p name of a device has in sysfs; @p error is 0 or -errno then.
std::string read_attribute(device *dev, std::string_view name, ssize_t *error = nullptr);
/// Writes a text to it; returns how much was used, or -errno.
ssize_t write_attribute(device *dev, std::string_view name, std::string text);

} // namespace kctx::host
