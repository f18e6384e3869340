// SPDX-License-Identifier: BSL-1.0
/// @file
/// What every file of the kernel uses: errno values, error pointers, container_of(), ARRAY_SIZE().
/// @par Kernel source
/// include/linux/errno.h, include/linux/err.h, include/linux/container_of.h,
/// include/linux/array_size.h (6.12).
#pragma once

#include <kctx/api/types.hpp>

// The values that user space knows, with the very definitions of <errno.h>, so that either may come
// first; including that header would cost more than the whole of this one.
#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define EINTR 4
#define EIO 5
#define ENXIO 6
#define E2BIG 7
#define EBADF 9
#define ECHILD 10
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define EXDEV 18
#define ENODEV 19
#define ENOTDIR 20
#define EISDIR 21
#define EINVAL 22
#define ENFILE 23
#define ENOTTY 25
#define EFBIG 27
#define ENOSPC 28
#define ESPIPE 29
#define EROFS 30
#define EPIPE 32
#define EDOM 33
#define ERANGE 34
#define EDEADLK 35
#define ENAMETOOLONG 36
#define ENOSYS 38
#define ENODATA 61
#define ETIME 62
#define EPROTO 71
#define EBADMSG 74
#define EOVERFLOW 75
#define EILSEQ 84
#define EMSGSIZE 90
#define EOPNOTSUPP 95
#define EADDRINUSE 98
#define ENETDOWN 100
#define ECONNRESET 104
#define ENOBUFS 105
#define ESHUTDOWN 108
#define ETIMEDOUT 110
#define EHOSTDOWN 112
#define EALREADY 114
#define EINPROGRESS 115
#define EREMOTEIO 121
#define ECANCELED 125
// Those that do not leave the kernel.
#define ERESTARTSYS 512  ///< a signal came: the system call is to be restarted
#define ENOIOCTLCMD 515  ///< no such ioctl
#define EPROBE_DEFER 517 ///< the driver is to be probed again later
#define ENOTSUPP 524     ///< the operation is not supported

namespace kctx {

// A pointer that holds -errno: the last 4095 addresses are nobody's.
inline void *ERR_PTR(long error) noexcept { return reinterpret_cast<void *>(error); }
/// The -errno that a pointer of ERR_PTR() holds.
inline long PTR_ERR(const void *p) noexcept { return reinterpret_cast<long>(p); }
/// Whether a pointer holds -errno.
inline bool IS_ERR(const void *p) noexcept
{
    return reinterpret_cast<unsigned long>(p) >= static_cast<unsigned long>(-4095L);
}
/// The same of what may be NULL as well.
inline bool IS_ERR_OR_NULL(const void *p) noexcept { return p == nullptr || IS_ERR(p); }

namespace detail {
template <class T, size_t N> char (&as_many_as(const T (&)[N]))[N];
/// A pointer to a member, checked to be one, or to the base of one: a work item of a type of its
/// own.
template <class Member, class T>
    requires(__is_same(Member, T) || __is_base_of(T, Member))
constexpr Member *pointer_to(T *p) noexcept
{
    return static_cast<Member *>(p);
}
} // namespace detail

} // namespace kctx

/// Reads or writes a variable that others write at the same time, in one access.
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value) __atomic_store_n(&(x), value, __ATOMIC_RELAXED)

/// The number of objects in an array, which a pointer is not.
#define ARRAY_SIZE(array) sizeof(::kctx::detail::as_many_as(array))

/// The object of type @p type whose member @p member is at @p pointer: `container_of(work, card,
/// reset)`, and of delayed work `container_of(work, card, poll.work)`.
#define container_of(pointer, type, member)                                                        \
    reinterpret_cast<type *>(                                                                      \
        reinterpret_cast<char *>(                                                                  \
            ::kctx::detail::pointer_to<__typeof__(static_cast<type *>(nullptr)->member)>(          \
                pointer)) -                                                                        \
        __builtin_offsetof(type, member))
