// SPDX-License-Identifier: BSL-1.0
/// @file
/// The kernel's printf: standard conversions, and the extensions of %p that drivers use most.
/// @par Kernel source
/// lib/vsprintf.c pointer(), Documentation/core-api/printk-formats.rst (6.12).
#pragma once

#include <cctype>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace kctx::kernel {

/// The name of -errno as %pe prints it; "" for what is none.
inline std::string error_name(long error)
{
    struct {
        int value;
        const char *name;
    } static constexpr kernel_only[] = {// include/linux/errno.h
                                        {512, "ERESTARTSYS"},
                                        {515, "ENOIOCTLCMD"},
                                        {517, "EPROBE_DEFER"},
                                        {524, "ENOTSUPP"}};
    for (const auto &e : kernel_only) {
        if (e.value == -error)
            return std::string("-") + e.name;
    }
    const char *name =
        error < 0 && error > -4096 ? strerrorname_np(static_cast<int>(-error)) : nullptr;
    return name ? std::string("-") + name : std::string();
}

/// Formats a line as the kernel's printf does.
class printf_format
{
    std::string out_;
    std::string spec_; // the conversion at hand, from its '%' to its length modifier
    int width_ = 0;

    template <class T> void print(char conversion, T value)
    {
        const std::string spec = spec_ + conversion;
        char text[128];
        const int length = std::snprintf(text, sizeof text, spec.c_str(), value);
        if (length < static_cast<int>(sizeof text)) {
            out_.append(text, length < 0 ? 0 : static_cast<std::size_t>(length));
            return;
        }
        std::string longer(static_cast<std::size_t>(length) + 1, '\0');
        std::snprintf(longer.data(), longer.size(), spec.c_str(), value);
        longer.pop_back();
        out_ += longer;
    }
    void hex(unsigned long long value, int digits, const char *prefix)
    {
        char text[32];
        std::snprintf(text, sizeof text, "%s%0*llx", prefix, digits, value);
        out_ += text;
    }
    void bytes(const void *p, int count, const char *format, char separator)
    {
        for (int i = 0; i < count; ++i) {
            char text[8];
            std::snprintf(text, sizeof text, format,
                          static_cast<unsigned>(static_cast<const unsigned char *>(p)[i]));
            if (i > 0 && separator)
                out_ += separator;
            out_ += text;
        }
    }

    /// What follows %p says what the pointer points to. Returns how many letters it takes; those of
    /// an extension that is not here are taken as well, and the pointer is printed, as in the
    /// kernel.
    std::size_t pointer(const void *p, std::string_view letters)
    {
        std::size_t length = 0;
        while (length < letters.size() && std::isalnum(static_cast<unsigned char>(letters[length])))
            ++length;
        const std::string_view kind = letters.substr(0, length);
        const auto value = reinterpret_cast<unsigned long>(p);
        if (kind == "e" && !error_name(static_cast<long>(value)).empty())
            out_ += error_name(static_cast<long>(value));
        else if (kind == "M")
            bytes(p, 6, "%02x", ':');
        else if (kind == "m")
            bytes(p, 6, "%02x", '\0');
        else if (kind == "I4")
            bytes(p, 4, "%u", '.');
        else if (kind == "a" || kind == "ap" || kind == "ad")
            hex(*static_cast<const unsigned long long *>(p), 16, "0x");
        else if (kind == "h" || kind == "hC" || kind == "hD" || kind == "hN")
            bytes(p,
                  width_ > 64  ? 64
                  : width_ > 0 ? width_
                               : 1,
                  "%02x",
                  kind == "h"    ? ' '
                  : kind == "hC" ? ':'
                  : kind == "hD" ? '-'
                                 : '\0');
        else
            hex(value, 16, "");
        return length;
    }

public:
    /// @p format with the arguments of @p list, as the kernel prints it.
    static std::string run(const char *format, std::va_list list)
    {
        printf_format f;
        std::va_list arguments; // one that functions can take from: a parameter has decayed
        va_copy(arguments, list);
        f.all(format, arguments);
        va_end(arguments);
        return std::move(f.out_);
    }

private:
    void all(std::string_view format, std::va_list &list)
    {
        std::size_t i = 0;
        while (i < format.size()) {
            const std::size_t percent = format.find('%', i);
            out_ += format.substr(i, percent - i);
            if (percent == format.npos)
                return;
            i = conversion(format, percent + 1, list);
        }
    }

    /// One conversion, whose '%' is before @p i. Returns where the text goes on.
    std::size_t conversion(std::string_view format, std::size_t i, std::va_list &list)
    {
        spec_ = "%";
        width_ = 0;
        while (i < format.size() && std::strchr("-+ #0123456789.*", format[i])) {
            if (format[i] == '*') {
                width_ = va_arg(list, int);
                spec_ += std::to_string(width_);
            } else {
                spec_ += format[i];
            }
            ++i;
        }
        int longs = 0;
        bool size = false;
        for (; i < format.size() && std::strchr("hlLzt", format[i]); ++i) {
            longs += format[i] == 'l' ? 1 : format[i] == 'L' ? 2 : 0;
            size = size || format[i] == 'z' || format[i] == 't';
            spec_ += format[i];
        }
        if (i == format.size())
            return i;
        const char kind = format[i++];
        switch (kind) {
        case '%':
            out_ += '%';
            break;
        case 'c':
            print(kind, va_arg(list, int));
            break;
        case 's': {
            const char *text = va_arg(list, const char *);
            print(kind, text ? text : "(null)");
            break;
        }
        case 'p':
            i += pointer(va_arg(list, const void *), format.substr(i));
            break;
        case 'd':
        case 'i':
        case 'u':
        case 'o':
        case 'x':
        case 'X':
            if (longs > 1)
                print(kind, va_arg(list, long long));
            else if (longs == 1 || size)
                print(kind, va_arg(list, long));
            else
                print(kind, va_arg(list, int));
            break;
        default: // lib/vsprintf.c warns and stops: what the argument is nobody knows
            out_ += "Please remove unsupported %";
            out_ += kind;
            out_ += " in format string";
            return format.size();
        }
        return i;
    }
};

} // namespace kctx::kernel
