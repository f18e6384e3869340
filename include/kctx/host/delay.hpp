// SPDX-License-Identifier: BSL-1.0
/// @file
/// Delays and the time.
#pragma once

#include <kctx/api/delay.hpp>
#include <kctx/api/time.hpp>
#include <kctx/host/task.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

/// A busy wait; not one that sleeps, since its caller may hold a lock that others spin on.
inline void spin_for(std::chrono::nanoseconds time) noexcept
{
    const clock::time_point end = clock::now() + time;
    while (clock::now() < end) {
    }
}
inline void sleep_for(std::chrono::nanoseconds time, const char *function) noexcept
{
    may_sleep(function);
    std::this_thread::sleep_for(time);
}
inline std::chrono::nanoseconds time_of_day() noexcept
{
    return std::chrono::system_clock::now().time_since_epoch();
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void ndelay(unsigned long nsecs) noexcept { host::spin_for(std::chrono::nanoseconds(nsecs)); }
void udelay(unsigned long usecs) noexcept { host::spin_for(std::chrono::microseconds(usecs)); }
void mdelay(unsigned long msecs) noexcept { host::spin_for(std::chrono::milliseconds(msecs)); }

void msleep(unsigned int msecs) noexcept
{
    host::sleep_for(std::chrono::milliseconds(msecs), "msleep");
}
unsigned long msleep_interruptible(unsigned int msecs) noexcept
{
    host::may_sleep("msleep_interruptible");
    const host::clock::time_point end = host::clock::now() + std::chrono::milliseconds(msecs);
    unsigned long left = msecs;
    while (left != 0 && !host::signal_ends_sleep(TASK_INTERRUPTIBLE)) {
        host::sleep_in(TASK_INTERRUPTIBLE, static_cast<long>(left * host::hz / 1000) + 1);
        const auto rest = std::chrono::ceil<std::chrono::milliseconds>(end - host::clock::now());
        left = rest.count() > 0 ? static_cast<unsigned long>(rest.count()) : 0;
    }
    return left;
}
void ssleep(unsigned int seconds) noexcept
{
    host::sleep_for(std::chrono::seconds(seconds), "ssleep");
}
void usleep_range(unsigned long min_us, unsigned long) noexcept
{
    host::sleep_for(std::chrono::microseconds(min_us), "usleep_range");
}
void fsleep(unsigned long usecs) noexcept
{
    host::sleep_for(std::chrono::microseconds(usecs), "fsleep");
}

ktime_t ktime_get() noexcept { return host::since_boot().count(); }
ktime_t ktime_get_boottime() noexcept { return host::since_boot().count(); }
u64 ktime_get_mono_fast_ns() noexcept { return static_cast<u64>(host::since_boot().count()); }
ktime_t ktime_get_real() noexcept { return host::time_of_day().count(); }
void ktime_get_real_ts64(timespec64 *now) noexcept
{
    const s64 ns = host::time_of_day().count();
    *now = {ns / 1'000'000'000, static_cast<long>(ns % 1'000'000'000)};
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
