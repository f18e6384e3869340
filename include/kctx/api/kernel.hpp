// SPDX-License-Identifier: BSL-1.0
/// @file
/// What every file of the kernel uses: errno values, container_of(), ARRAY_SIZE().
/// @par Kernel source
/// include/linux/errno.h, include/linux/container_of.h, include/linux/array_size.h (6.12).
#pragma once

#include <kctx/api/types.hpp>

// ENOMEM, EFAULT and so on: what user space knows them as is what the kernel returns.
#include <errno.h>

// Those that do not leave the kernel.
#define ERESTARTSYS 512  ///< a signal came: the system call is to be restarted
#define ENOIOCTLCMD 515  ///< no such ioctl
#define EPROBE_DEFER 517 ///< the driver is to be probed again later
#define ENOTSUPP 524     ///< the operation is not supported

namespace kctx {

namespace detail {
template <class T, size_t N> char (&as_many_as(const T (&)[N]))[N];
/// A pointer to a member, checked to be one.
template <class Member, class T> constexpr Member *pointer_to(Member T::*, Member *p) noexcept
{
    return p;
}
} // namespace detail

} // namespace kctx

/// The number of objects in an array, which a pointer is not.
#define ARRAY_SIZE(array) sizeof(::kctx::detail::as_many_as(array))

/// The object of type @p type whose member @p member is at @p pointer.
#define container_of(pointer, type, member)                                                        \
    reinterpret_cast<type *>(                                                                      \
        reinterpret_cast<char *>(::kctx::detail::pointer_to(&type::member, pointer)) -             \
        __builtin_offsetof(type, member))
