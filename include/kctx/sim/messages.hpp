// SPDX-License-Identifier: BSL-1.0
/// @file
/// What drivers print: printk() and its kin.
/// @par Kernel source
/// kernel/printk/printk.c, drivers/base/core.c, lib/dump_stack.c (6.12).
#pragma once

#include <cstdarg>

#include <kctx/api/printk.hpp>
#include <kctx/kernel/printf.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// A message, whose first letters may say its level (kernel/printk/printk.c,
/// printk_parse_prefix()). One that does not end its line leaves it open for pr_cont().
inline int print_arguments(std::string_view before, const char *format, std::va_list list)
{
    const std::string text = std::string(before) + kernel::printf_format::run(format, list);
    std::string_view line = text;
    level at = level::warning; // CONFIG_MESSAGE_LOGLEVEL_DEFAULT
    bool continues = false;
    if (line.size() >= 2 && line[0] == KERN_SOH[0]) {
        continues = line[1] == KERN_CONT[1];
        if (line[1] >= '0' && line[1] <= '7')
            at = static_cast<level>(line[1] - '0');
        line.remove_prefix(2);
    }
    const bool ends = line.ends_with('\n');
    if (ends)
        line.remove_suffix(1);
    here().print_message(at, line, {.continues = continues, .ends = ends});
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
