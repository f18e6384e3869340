// SPDX-License-Identifier: BSL-1.0
/// @file
/// printf() to a string, for the lines of a log.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <string>

namespace kctx::sim {

/// A text in the manner of printf().
[[gnu::format(printf, 1, 2)]] inline std::string text(const char *format, ...)
{
    std::va_list list;
    std::va_list again;
    va_start(list, format);
    va_copy(again, list);
    const int length = std::vsnprintf(nullptr, 0, format, list);
    va_end(list);
    std::string out(length > 0 ? static_cast<std::size_t>(length) : 0, '\0');
    std::vsnprintf(out.data(), out.size() + 1, format, again);
    va_end(again);
    return out;
}

} // namespace kctx::sim
