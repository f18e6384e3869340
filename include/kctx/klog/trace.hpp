// SPDX-License-Identifier: BSL-1.0
/// @file
/// The lines of a trace, in the forms of all architectures and versions.
#pragma once

#include <kctx/klog/report.hpp>

#include <optional>
#include <string_view>

namespace kctx::klog::detail {

/// "kernel/locking/mutex.c:281" alone on a line, after a header that was wrapped before it.
constexpr bool is_location(std::string_view body)
{
    const std::size_t colon = body.rfind(':');
    if (colon == body.npos || colon + 1 == body.size() || body.find('.') == body.npos)
        return false;
    for (const char c : body.substr(0, colon)) {
        if (!is_symbol_char(c) && c != '/' && c != '-' && c != '+')
            return false;
    }
    cursor number(body.substr(colon + 1));
    return number.decimal() && trim(number.rest()).empty();
}

/// The base name of a function: what a compiler appends (.constprop.0, .isra.0, .cold) is dropped.
constexpr std::string_view base_name(std::string_view symbol)
{
    return symbol.substr(0, symbol.find('.', 1));
}

/// What a line of a trace names. 32-bit ARM prints two functions a line.
struct trace_line {
    std::string_view function;
    std::string_view module;
    std::string_view caller;
    std::string_view caller_module;
};

/// Behind a symbol: "+0x10/0x20 [usbcore]", "+0x1b/0x210 [btrfs 12ab]". Moves over it.
constexpr std::string_view take_module(cursor &c)
{
    cursor m = c;
    if (m.skip("+0x"))
        m.take_while([](char ch) { return hex_value(ch) >= 0 || ch == '/' || ch == 'x'; });
    if (!m.skip(" [") || m.rest().starts_with("inline]"))
        return {};
    const std::string_view name =
        m.take_while([](char ch) { return is_symbol_char(ch) || ch == '-'; });
    if (name.empty() || !m.skip_past("]"))
        return {};
    c = m;
    return name;
}

/// Takes the function off a line of a trace; nullopt if the line is none.
constexpr std::optional<trace_line> parse_trace_line(std::string_view body)
{
    trace_line t;
    cursor c(body);
    // [<c0027de4>]  [ef12f700] [c00081e0]  [ffffffc0200eb240+ 64][<ffffffc0100c63b4>]
    bool bracket = false;
    while (c.rest().starts_with('[')) {
        const std::size_t end = c.rest().find(']');
        if (end > 28 || end < 9) // or npos
            return std::nullopt;
        for (const char ch : c.rest().substr(1, end - 1)) {
            if (hex_value(ch) < 0 && ch != '<' && ch != '>' && ch != '+' && ch != ' ')
                return std::nullopt;
        }
        c = cursor(c.rest().substr(end + 1));
        c.skip_spaces();
        bracket = true;
    }
    if (c.skip("? "))
        return std::nullopt; // an address found on the stack, not a caller for sure
    const bool arm_old = bracket && c.skip("(");
    const std::string_view symbol = c.take_while(is_symbol_char);
    if (symbol.empty() || is_digit(symbol[0]))
        return std::nullopt;
    t.function = base_name(symbol);
    cursor offset = c;
    const bool has_offset = offset.skip("+0x");
    if (arm_old) { // "(f+0x0/0x4c) from [<…>] (g+0x…", 3.10 to 5.18 "(f) from [<…>] (g+0x…"
        t.module = take_module(c);
        cursor from = c;
        if (!has_offset && !from.rest().starts_with(") from"))
            return std::nullopt;
        if (from.skip_past("from [<") && from.skip_past(">] (")) {
            t.caller = base_name(from.take_while(is_symbol_char));
            t.caller_module = take_module(from);
        }
        return t;
    }
    t.module = take_module(c);
    if (t.module.empty()) {
        cursor module = c;
        if (module.skip(" [") && module.skip_past("]"))
            c = module;
    }
    if (c.skip(" from")) {
        c.skip_spaces();
        const std::string_view from = c.take_while(is_symbol_char);
        if (!c.rest().starts_with("+0x") && !from.empty())
            return std::nullopt;
        t.caller = base_name(from);
        t.caller_module = take_module(c);
        return t;
    }
    if (!has_offset) {
        // Traces with source lines: "schedule_debug kernel/sched/core.c:4288 [inline]" of a
        // function that has no offset of its own, "__might_resched (kernel/sched/core.c:10188)" of
        // any.
        if (!c.skip(" "))
            return std::nullopt;
        const bool brackets = c.skip("(");
        const std::string_view place = c.take_while([](char ch) { return ch != ' ' && ch != ')'; });
        if (brackets ? place.find(':') == place.npos
                     : !is_location(place) || c.rest() != " [inline]")
            return std::nullopt;
    }
    return t;
}

/// "<IRQ>", "</TASK>": the part of the stack that begins or ends here.
constexpr std::optional<stack_part> stack_part_of(std::string_view body)
{
    struct name {
        std::string_view text;
        stack_part part;
    };
    constexpr name names[] = {
        {"<IRQ>", stack_part::irq},      {"<TASK>", stack_part::task},
        {"<NMI>", stack_part::nmi},      {"<SOFTIRQ>", stack_part::softirq},
        {"</IRQ>", stack_part::unknown}, {"</TASK>", stack_part::unknown},
        {"</NMI>", stack_part::unknown}, {"</SOFTIRQ>", stack_part::unknown},
        {"<EOI>", stack_part::unknown},  {"<<EOE>>", stack_part::unknown},
        {"<#DF>", stack_part::unknown},
    };
    for (const name &n : names) {
        if (body.starts_with(n.text))
            return n.part;
    }
    return std::nullopt;
}

/// Lines that end the trace of a report.
constexpr bool ends_trace(std::string_view body)
{
    if (body.empty())
        return false;
    switch (body[0]) {
    case '-':
        return body.starts_with("---[ end") || body.starts_with("------------[");
    case '=':
        return body.starts_with("=====");
    case 'M':
        return body.starts_with("Mem-Info:") || body.starts_with("Mem-info:");
    case 'K':
        return body.starts_with("Kernel panic") || body.starts_with("Kernel Offset:");
    case 'W':
        return body.starts_with("WARNING: ");
    case 'B':
        return body.starts_with("BUG: ");
    case 'I':
        return body.starts_with("INFO: task ");
    case 'R':
        return body.starts_with("RIP: 0033:");
    case 'E':
        return body.starts_with("Exception stack(");
    default:
        return false;
    }
}

} // namespace kctx::klog::detail
