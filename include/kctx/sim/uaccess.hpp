// SPDX-License-Identifier: BSL-1.0
/// @file
/// User memory. The process's pages are there; who may not wait for one that is away is told so.
/// @par Kernel source
/// include/linux/uaccess.h, mm/memory.c __might_fault(), mm/maccess.c (6.12).
#pragma once

#include <cstring>

#include <kctx/api/uaccess.hpp>
#include <kctx/sim/mutex.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

inline const kernel_lock<rw_semaphore> mmap_lock("&mm->mmap_lock");

/// Silent with page faults off. Of a process it says that mmap_lock may be taken.
inline void might_fault_at(const char *file, int line)
{
    machine &m = here();
    if (m.current().pagefault_disabled != 0)
        return;
    sleeps(file, line);
    if (m.current().has_mm) {
        rw_semaphore *const lock = mmap_lock.get();
        lockdep_acquire(m, lock, rwsem_kind, {.mode = lock_mode::read});
        lockdep_release(m, lock);
    }
}
/// Whether the copy can be made: a kernel thread has no memory of a process.
inline bool reachable() { return here().current().has_mm; }

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void pagefault_disable() noexcept { ++sim::here().current().pagefault_disabled; }
void pagefault_enable() noexcept { --sim::here().current().pagefault_disabled; }

void might_fault() noexcept
{
    const sim::source_line caller = sim::source_of_caller();
    const sim::in_call in("might_fault");
    sim::might_fault_at(caller.file, caller.line);
}
unsigned long copy_to_user(user_ptr<void> to, const void *from, unsigned long n) noexcept
{
    const sim::in_call in("_copy_to_user");
    sim::might_fault_at("include/linux/uaccess.h", 192);
    if (!sim::reachable())
        return n;
    std::memcpy(to.address(), from, n);
    return 0;
}
unsigned long copy_from_user(void *to, user_ptr<const void> from, unsigned long n) noexcept
{
    const sim::in_call in("_copy_from_user");
    sim::might_fault_at("include/linux/uaccess.h", 162);
    if (!sim::reachable()) {
        std::memset(to, 0, n);
        return n;
    }
    std::memcpy(to, from.address(), n);
    return 0;
}
unsigned long clear_user(user_ptr<void> to, unsigned long n) noexcept
{
    const sim::in_call in("clear_user");
    sim::might_fault_at("arch/x86/include/asm/uaccess_64.h", 0);
    if (!sim::reachable())
        return n;
    std::memset(to.address(), 0, n);
    return 0;
}
long strncpy_from_user(char *to, user_ptr<const char> from, long n) noexcept
{
    const sim::in_call in("strncpy_from_user");
    sim::might_fault_at("lib/strncpy_from_user.c", 0);
    if (!sim::reachable())
        return -EFAULT;
    const auto most = static_cast<size_t>(n);
    const size_t length = strnlen(from.address(), most);
    std::memcpy(to, from.address(), length);
    if (length < most)
        to[length] = '\0';
    return static_cast<long>(length);
}
bool access_ok(user_ptr<const void>, unsigned long) noexcept { return true; }
long copy_from_user_nofault(void *to, user_ptr<const void> from, size_t n) noexcept
{
    if (!sim::reachable())
        return -EFAULT;
    std::memcpy(to, from.address(), n);
    return 0;
}
long copy_to_user_nofault(user_ptr<void> to, const void *from, size_t n) noexcept
{
    if (!sim::reachable())
        return -EFAULT;
    std::memcpy(to.address(), from, n);
    return 0;
}
long copy_from_kernel_nofault(void *to, const void *from, size_t n) noexcept
{
    std::memcpy(to, from, n);
    return 0;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
