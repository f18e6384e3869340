// SPDX-License-Identifier: BSL-1.0
/// @file
/// What drivers print: printk() and its kin.
/// @par Kernel source
/// kernel/printk/printk.c, drivers/base/core.c, lib/dump_stack.c (6.12).
#pragma once

#include <cstdarg>

#include <kctx/api/printk.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// With the conversions of the C library; %p shows the address.
inline std::string formatted(const char *format, std::va_list list)
{
    std::va_list again;
    va_copy(again, list);
    const int size = std::vsnprintf(nullptr, 0, format, again);
    va_end(again);
    std::string line(static_cast<std::size_t>(std::max(size, 0)), '\0');
    std::vsnprintf(line.data(), line.size() + 1, format, list);
    return line;
}
inline int print_arguments(std::string_view before, const char *format, std::va_list list)
{
    std::string line = std::string(before) + formatted(format, list);
    level at = level::warning; // CONFIG_MESSAGE_LOGLEVEL_DEFAULT
    if (line.size() >= 2 && line[0] == KERN_SOH[0]) {
        if (line[1] >= '0' && line[1] <= '7')
            at = static_cast<level>(line[1] - '0');
        line.erase(0, 2);
    }
    if (!line.empty() && line.back() == '\n')
        line.pop_back();
    here().printk(at, line);
    return static_cast<int>(line.size());
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int printk(const char *format, ...) noexcept
{
    std::va_list list;
    va_start(list, format);
    const int length = sim::print_arguments("", format, list);
    va_end(list);
    return length;
}
int printk_deferred(const char *format, ...) noexcept
{
    std::va_list list;
    va_start(list, format);
    const int length = sim::print_arguments("", format, list);
    va_end(list);
    return length;
}
int printk_at(const char *level, const char *format, ...) noexcept
{
    std::va_list list;
    va_start(list, format);
    const int length = sim::print_arguments(level, format, list);
    va_end(list);
    return length;
}
void dev_printk(const char *level, const device *dev, const char *format, ...) noexcept
{
    std::va_list list;
    va_start(list, format);
    const char *const name = dev ? dev_name(dev) : "(NULL device *)";
    sim::print_arguments(std::string(level) + (name ? name : "(null)") + ": ", format, list);
    va_end(list);
}
void dump_stack() noexcept { sim::here().dump_stack(); }

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
