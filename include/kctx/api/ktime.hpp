// SPDX-License-Identifier: BSL-1.0
/// @file
/// Time as a number: nanoseconds.
/// @par Kernel source
/// include/linux/ktime.h, include/vdso/time64.h (6.12).
#pragma once

#include <kctx/api/types.hpp>

namespace kctx {

inline constexpr long NSEC_PER_USEC = 1000;
inline constexpr long NSEC_PER_MSEC = 1000000;
inline constexpr long NSEC_PER_SEC = 1000000000;
inline constexpr long USEC_PER_MSEC = 1000;
inline constexpr long USEC_PER_SEC = 1000000;
inline constexpr long MSEC_PER_SEC = 1000;
/// The farthest point in time.
inline constexpr ktime_t KTIME_MAX = __INT64_MAX__;
inline constexpr ktime_t KTIME_SEC_MAX = KTIME_MAX / NSEC_PER_SEC;

// Templates: a driver that uses none of them pays for none of them.
/// Seconds and nanoseconds as one number, KTIME_MAX at most.
template <class T = ktime_t> constexpr T ktime_set(s64 secs, unsigned long nsecs) noexcept
{
    return secs >= KTIME_SEC_MAX ? KTIME_MAX : secs * NSEC_PER_SEC + static_cast<s64>(nsecs);
}
template <class T = ktime_t> constexpr T ns_to_ktime(u64 ns) noexcept { return static_cast<T>(ns); }
template <class T = ktime_t> constexpr T us_to_ktime(u64 us) noexcept
{
    return static_cast<T>(us) * NSEC_PER_USEC;
}
template <class T = ktime_t> constexpr T ms_to_ktime(u64 ms) noexcept
{
    return static_cast<T>(ms) * NSEC_PER_MSEC;
}
template <class T = s64> constexpr T ktime_to_ns(ktime_t t) noexcept { return t; }
template <class T = s64> constexpr T ktime_to_us(ktime_t t) noexcept { return t / NSEC_PER_USEC; }
template <class T = s64> constexpr T ktime_to_ms(ktime_t t) noexcept { return t / NSEC_PER_MSEC; }
template <class T = ktime_t> constexpr T ktime_add(ktime_t a, ktime_t b) noexcept { return a + b; }
template <class T = ktime_t> constexpr T ktime_sub(ktime_t a, ktime_t b) noexcept { return a - b; }
template <class T = ktime_t> constexpr T ktime_add_ns(ktime_t t, u64 ns) noexcept
{
    return t + static_cast<T>(ns);
}
template <class T = ktime_t> constexpr T ktime_add_us(ktime_t t, u64 us) noexcept
{
    return t + us_to_ktime(us);
}
template <class T = ktime_t> constexpr T ktime_add_ms(ktime_t t, u64 ms) noexcept
{
    return t + ms_to_ktime(ms);
}
/// Negative, 0 or positive, as @p a is before, at or after @p b.
template <class T = int> constexpr T ktime_compare(ktime_t a, ktime_t b) noexcept
{
    return (a > b) - (a < b);
}
template <class T = bool> constexpr T ktime_after(ktime_t a, ktime_t b) noexcept { return a > b; }
template <class T = bool> constexpr T ktime_before(ktime_t a, ktime_t b) noexcept { return a < b; }

} // namespace kctx
