// SPDX-License-Identifier: BSL-1.0
/// @file
/// printk() to a sink that the program may replace.
#pragma once

#include <chrono>
#include <mutex>

#include <kctx/api/printk.hpp>
#include <kctx/host/control.hpp>
#include <kctx/host/definitions.hpp>
#include <kctx/kernel/printf.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

using clock = std::chrono::steady_clock;
/// When the kernel booted: when the program started.
inline const clock::time_point boot_time = clock::now();
inline std::chrono::nanoseconds since_boot() noexcept { return clock::now() - boot_time; }

inline constexpr int emergency = 0; ///< the level that no sink keeps from stderr: the program ends

/// What the consoles show by default: all but debugging (CONFIG_CONSOLE_LOGLEVEL_DEFAULT).
inline void print_to_stderr(int level, std::string_view line)
{
    if (level == 7)
        return;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(since_boot()).count();
    std::fprintf(stderr, "[%5lld.%06lld] %.*s\n", static_cast<long long>(us / 1000000),
                 static_cast<long long>(us % 1000000), static_cast<int>(line.size()), line.data());
}

struct log_state {
    std::recursive_mutex lock; // a sink may itself print, or call what prints
    printk_sink sink;          // none: stderr
};

void set_printk_sink(printk_sink sink)
{
    log_state &log = immortal<log_state>();
    const std::lock_guard held(log.lock);
    log.sink = std::move(sink);
}

/// A message, whose first letters may say its level (kernel/printk/printk.c,
/// printk_parse_prefix()). Each of its lines goes to the sink by itself.
inline int print_message(std::string_view text) noexcept
{
    int level = 4; // CONFIG_MESSAGE_LOGLEVEL_DEFAULT
    if (text.size() >= 2 && text[0] == KERN_SOH[0]) {
        level = text[1] == 'c' ? continued : text[1] - '0';
        text.remove_prefix(2);
    }
    if (!text.empty() && text.back() == '\n')
        text.remove_suffix(1);
    log_state &log = immortal<log_state>();
    const std::lock_guard held(log.lock);
    const int length = static_cast<int>(text.size());
    for (;;) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        if (log.sink)
            log.sink(level, line);
        if (!log.sink || level == emergency)
            print_to_stderr(level, line);
        if (end == text.npos)
            return length;
        text.remove_prefix(end + 1);
    }
}

inline int print_arguments(std::string_view before, const char *format, std::va_list list) noexcept
{
    return print_message(std::string(before) + kernel::printf_format::run(format, list));
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int printk(const char *format, ...) noexcept
{
    std::va_list list;
    va_start(list, format);
    const int length = host::print_arguments("", format, list);
    va_end(list);
    return length;
}

int printk_deferred(const char *format, ...) noexcept
{
    std::va_list list;
    va_start(list, format);
    const int length = host::print_arguments("", format, list);
    va_end(list);
    return length;
}

int printk_at(const char *level, const char *format, ...) noexcept
{
    std::va_list list;
    va_start(list, format);
    const int length = host::print_arguments(level, format, list);
    va_end(list);
    return length;
}

void dev_printk(const char *level, const device *dev, const char *format, ...) noexcept
{
    std::va_list list;
    va_start(list, format);
    const char *name = dev ? dev_name(dev) : "(NULL device *)";
    host::print_arguments(std::string(level) + (name ? name : "(null)") + ": ", format, list);
    va_end(list);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
