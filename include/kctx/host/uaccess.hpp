// SPDX-License-Identifier: BSL-1.0
/// @file
/// User memory: the program's own, but for NULL and what was declared bad.
/// @par Kernel source
/// include/linux/uaccess.h, lib/strncpy_from_user.c, mm/maccess.c (6.12).
#pragma once

#include <map>
#include <shared_mutex>

#include <kctx/api/uaccess.hpp>
#include <kctx/host/cpu.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

/// Where copies end before their end.
class bad_ranges
{
    std::shared_mutex lock_;
    std::map<std::uintptr_t, size_t> ranges_{{0, 4096}}; // by start: NULL and what is near it

public:
    void add(const void *start, size_t size)
    {
        const std::lock_guard held(lock_);
        ranges_[reinterpret_cast<std::uintptr_t>(start)] = size;
    }
    void remove(const void *start) noexcept
    {
        const std::lock_guard held(lock_);
        ranges_.erase(reinterpret_cast<std::uintptr_t>(start));
    }
    /// How many of @p size bytes at @p address come before a bad one.
    size_t good(const void *address, size_t size) noexcept
    {
        const auto first = reinterpret_cast<std::uintptr_t>(address);
        const std::shared_lock held(lock_);
        for (const auto &[start, length] : ranges_) {
            if (start + length > first && start < first + size)
                size = start > first ? start - first : 0;
        }
        return size;
    }
};

bad_user_memory::bad_user_memory(const void *start, size_t size) : start_(start)
{
    immortal<bad_ranges>().add(start, size);
}
bad_user_memory::~bad_user_memory() { immortal<bad_ranges>().remove(start_); }

/// The end of the address space of a process (TASK_SIZE_MAX of x86-64).
inline constexpr std::uintptr_t task_size = 0x7ffffffff000;

inline bool is_user_range(const void *address, size_t size) noexcept
{
    return size <= task_size && reinterpret_cast<std::uintptr_t>(address) <= task_size - size;
}
/// Copies what can be reached, where @p user is the end that may be bad; returns how much is
/// missing.
inline size_t copy_user(void *to, const void *from, size_t size, const void *user) noexcept
{
    const size_t good = is_user_range(user, size) ? immortal<bad_ranges>().good(user, size) : 0;
    if (good != 0)
        std::memcpy(to, from, good);
    return size - good;
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

unsigned long copy_to_user(user_ptr<void> to, const void *from, unsigned long n) noexcept
{
    host::may_sleep("copy_to_user");
    return host::copy_user(to.address(), from, n, to.address());
}
unsigned long copy_from_user(void *to, user_ptr<const void> from, unsigned long n) noexcept
{
    host::may_sleep("copy_from_user");
    const unsigned long missing = host::copy_user(to, from.address(), n, from.address());
    std::memset(static_cast<char *>(to) + (n - missing), 0, missing);
    return missing;
}
unsigned long clear_user(user_ptr<void> to, unsigned long n) noexcept
{
    host::may_sleep("clear_user");
    if (!env::access_ok(to, n))
        return n;
    const size_t good = host::immortal<host::bad_ranges>().good(to.address(), n);
    if (good != 0)
        std::memset(to.address(), 0, good);
    return n - good;
}
long strncpy_from_user(char *to, user_ptr<const char> from, long n) noexcept
{
    host::may_sleep("strncpy_from_user");
    for (long i = 0; i < n; ++i) {
        if (host::copy_user(to + i, from.address() + i, 1, from.address() + i) != 0)
            return -EFAULT;
        if (to[i] == '\0')
            return i;
    }
    return n;
}
void might_fault() noexcept { host::may_sleep("might_fault"); }
bool access_ok(user_ptr<const void> address, unsigned long n) noexcept
{
    return host::is_user_range(address.address(), n);
}
long copy_from_user_nofault(void *to, user_ptr<const void> from, size_t n) noexcept
{
    return host::copy_user(to, from.address(), n, from.address()) != 0 ? -EFAULT : 0;
}
long copy_to_user_nofault(user_ptr<void> to, const void *from, size_t n) noexcept
{
    return host::copy_user(to.address(), from, n, to.address()) != 0 ? -EFAULT : 0;
}
long copy_from_kernel_nofault(void *to, const void *from, size_t n) noexcept
{
    return host::copy_user(to, from, n, from) != 0 ? -EFAULT : 0;
}

/// No page is away here.
void pagefault_disable() noexcept {}
void pagefault_enable() noexcept {}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
