// SPDX-License-Identifier: BSL-1.0
/// @file
/// The tick counter.
/// @par Kernel source
/// include/linux/jiffies.h, kernel/time/time.c (6.12).
#pragma once

#include <kctx/declare/call.hpp>

namespace kctx {

namespace env::inline KCTX_ENV_NAMESPACE {
/// The tick counter, in jiffies.
unsigned long get_jiffies() noexcept KCTX_EFFECT_spin;
/// Jiffies in @p msecs milliseconds, rounded up.
unsigned long msecs_to_jiffies(unsigned int msecs) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::msecs_to_jiffies;
KCTX_LEGAL_ANYWHERE(msecs_to_jiffies, "computes", "kernel/time/time.c __msecs_to_jiffies()")
/// Reads as the kernel's variable does: `mod_timer(ctx, &t, jiffies + HZ)`.
struct jiffies_t {
    KCTX_ALWAYS_INLINE operator unsigned long() const noexcept { return env::get_jiffies(); }
};
inline constexpr jiffies_t jiffies{}; ///< ticks since boot, HZ a second

/// Whether @p a is later than @p b; the counter may have wrapped between them.
constexpr bool time_after(unsigned long a, unsigned long b) noexcept
{
    return static_cast<long>(b - a) < 0;
}
constexpr bool time_after_eq(unsigned long a, unsigned long b) noexcept
{
    return static_cast<long>(a - b) >= 0;
}
constexpr bool time_before(unsigned long a, unsigned long b) noexcept { return time_after(b, a); }
constexpr bool time_before_eq(unsigned long a, unsigned long b) noexcept
{
    return time_after_eq(b, a);
}

} // namespace kctx

// <sys/param.h> has an HZ of its own, which is that of times().
#undef HZ
#define HZ 1000 ///< jiffies a second

namespace kctx {
/// Milliseconds in @p j jiffies.
constexpr unsigned int jiffies_to_msecs(unsigned long j) noexcept
{
    return static_cast<unsigned int>(j * 1000 / HZ);
}
} // namespace kctx
