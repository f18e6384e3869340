// SPDX-License-Identifier: BSL-1.0
/// @file
/// Time as a number: nanoseconds.
/// @par Kernel source
/// include/linux/ktime.h, include/vdso/time64.h (6.12).
#pragma once

#include <kctx/api/types.hpp>

namespace kctx {

/// How many of the one unit are in the other.
inline constexpr long NSEC_PER_USEC = 1000;
inline constexpr long NSEC_PER_MSEC = 1000000;
inline constexpr long NSEC_PER_SEC = 1000000000;
inline constexpr long USEC_PER_MSEC = 1000;
inline constexpr long USEC_PER_SEC = 1000000;
inline constexpr long MSEC_PER_SEC = 1000;
/// The farthest point in time.
inline constexpr ktime_t KTIME_MAX = __INT64_MAX__;
inline constexpr ktime_t KTIME_SEC_MAX = KTIME_MAX / NSEC_PER_SEC; ///< the same in seconds

// Templates: a driver that uses none of them pays for none of them.
/// Seconds and nanoseconds as one number, KTIME_MAX at most.
template <class T = ktime_t> constexpr T ktime_set(s64 secs, unsigned long nsecs) noexcept
{
    return secs >= KTIME_SEC_MAX ? KTIME_MAX : secs * NSEC_PER_SEC + static_cast<s64>(nsecs);
}
/// Nanoseconds as a time.
template <class T = ktime_t> constexpr T ns_to_ktime(u64 ns) noexcept { return static_cast<T>(ns); }
/// Microseconds as a time.
template <class T = ktime_t> constexpr T us_to_ktime(u64 us) noexcept
{
    return static_cast<T>(us) * NSEC_PER_USEC;
}
/// Milliseconds as a time.
template <class T = ktime_t> constexpr T ms_to_ktime(u64 ms) noexcept
{
    return static_cast<T>(ms) * NSEC_PER_MSEC;
}
/// A time in nanoseconds.
template <class T = s64> constexpr T ktime_to_ns(ktime_t t) noexcept { return t; }
/// A time in whole microseconds.
template <class T = s64> constexpr T ktime_to_us(ktime_t t) noexcept { return t / NSEC_PER_USEC; }
/// A time in whole milliseconds.
template <class T = s64> constexpr T ktime_to_ms(ktime_t t) noexcept { return t / NSEC_PER_MSEC; }
/// The sum of two times.
template <class T = ktime_t> constexpr T ktime_add(ktime_t a, ktime_t b) noexcept { return a + b; }
/// The time from @p b to @p a.
template <class T = ktime_t> constexpr T ktime_sub(ktime_t a, ktime_t b) noexcept { return a - b; }
/// The time @p ns nanoseconds later.
template <class T = ktime_t> constexpr T ktime_add_ns(ktime_t t, u64 ns) noexcept
{
    return t + static_cast<T>(ns);
}
/// The time @p us microseconds later.
template <class T = ktime_t> constexpr T ktime_add_us(ktime_t t, u64 us) noexcept
{
    return t + us_to_ktime(us);
}
/// The time @p ms milliseconds later.
template <class T = ktime_t> constexpr T ktime_add_ms(ktime_t t, u64 ms) noexcept
{
    return t + ms_to_ktime(ms);
}
/// Negative, 0 or positive, as @p a is before, at or after @p b.
template <class T = int> constexpr T ktime_compare(ktime_t a, ktime_t b) noexcept
{
    return (a > b) - (a < b);
}
/// Whether @p a is later than @p b.
template <class T = bool> constexpr T ktime_after(ktime_t a, ktime_t b) noexcept { return a > b; }
/// Whether @p a is earlier than @p b.
template <class T = bool> constexpr T ktime_before(ktime_t a, ktime_t b) noexcept { return a < b; }

} // namespace kctx
