// SPDX-License-Identifier: BSL-1.0
/// @file
/// The lowest layer of log reading: bytes to lines, and a line's message apart from what consoles,
/// loggers and mailers put before it.
#pragma once

#include <kctx/klog/text.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace kctx::klog {

/// Bytes of a log: `length` of them from `begin`. A length of 0: not in the log.
struct span {
    std::uint64_t begin = 0;  ///< bytes from the start of the log
    std::uint32_t length = 0; ///< bytes

    bool operator==(const span &) const = default;
};

/// A line of a log. The views point into the text that was fed.
struct line {
    unsigned long number = 0; ///< from 1
    std::uint64_t offset = 0; ///< of its first byte in the log
    std::string_view text;    ///< all of it, without its end
    std::string_view body;    ///< the message: what printk() was given, without leading spaces
    std::string_view time;    ///< what stood in [ ] or before the host name; may be empty
    std::string_view caller;  ///< T<pid>, C<cpu> or a cpu number after the time; may be empty
    int level = -1;           ///< the kernel's log level, if the line bears one

    /// Where a part of this line stands in the log.
    span where(std::string_view part) const
    {
        return {offset + static_cast<std::uint64_t>(part.data() - text.data()),
                static_cast<std::uint32_t>(part.size())};
    }
};

namespace detail {

/// [ 1947.900000], [    0.0], [Mon Dec 22 10:18:18 2025]
constexpr bool is_time(std::string_view inside)
{
    inside = trim(inside);
    cursor c(inside);
    if (!c.take_while(is_digit).empty())
        return c.skip(".") && !c.take_while(is_digit).empty() && c.at_end();
    const std::size_t colon = inside.find(':');
    return inside.size() >= 20 && is_alpha(inside[0]) && colon != std::string_view::npos &&
           colon != 0 && colon + 1 < inside.size() && is_digit(inside[colon - 1]) &&
           is_digit(inside[colon + 1]);
}

/// T1234, C0, or a bare cpu number
constexpr bool is_caller(std::string_view inside, bool after_time)
{
    inside = trim(inside);
    const bool tagged = inside.starts_with('T') || inside.starts_with('C');
    if (tagged)
        inside.remove_prefix(1);
    cursor c(inside);
    const std::size_t digits = c.take_while(is_digit).size();
    return digits != 0 && c.at_end() && (tagged || (after_time && digits <= 5));
}

/// The length of the date that a syslog or journal line begins with: "Jul  5 12:34:56",
/// "2024-01-31T12:34:56.000000+00:00". 0 if there is none.
constexpr std::size_t date_length(std::string_view s)
{
    if (s.size() < 16)
        return 0;
    if (is_digit(s[0]) && is_digit(s[3]) && s[4] == '-' && s[7] == '-')
        return s.find(' ') < 40 ? s.find(' ') : 0;
    if ((!is_space(s[3]) && s[3] != no_break_space[0]) || !is_alpha(s[0]) || !is_alpha(s[1]) ||
        !is_alpha(s[2]))
        return 0;
    const std::size_t colon = s.find(':');
    return colon < 12 && colon + 6 < s.size() && s[colon + 3] == ':' ? colon + 6 : 0;
}

/// The length of the head of a record of /dev/kmsg: "4,19685369,241227987535,-,caller=T12845;". 0
/// if there is none.
constexpr std::size_t kmsg_length(std::string_view s)
{
    cursor c(s);
    for (int i = 0; i < 3; ++i) {
        if (c.take_while(is_digit).empty() || !c.skip(","))
            return 0;
    }
    const std::size_t end = s.substr(0, 80).find(';');
    return end == std::string_view::npos ? 0 : end + 1;
}

/// What vendors of phones put behind the time: "(2)[345:kworker/2:1]", "[2:  kworker/2:1:  345]",
/// "c2    345 ". The length, and the CPU. 0 if there is none.
constexpr std::size_t vendor_length(std::string_view s, std::string_view &cpu)
{
    cursor c(s);
    if (c.skip("(") || c.skip("c")) {
        cpu = c.take_while(is_digit);
        if (cpu.empty() || cpu.size() > 3)
            return 0;
        if (s[0] == 'c') {
            const std::size_t spaces = c.take_while(is_space).size();
            const std::size_t digits = c.take_while(is_digit).size();
            return spaces != 0 && digits != 0 && c.skip(" ") ? s.size() - c.rest().size() : 0;
        }
        if (!c.skip(")["))
            return 0;
        const std::string_view pid = c.take_while(is_digit);
        return !pid.empty() && c.skip(":") && c.skip_past("]") ? s.size() - c.rest().size() : 0;
    }
    if (!c.skip("["))
        return 0;
    cpu = c.take_while(is_digit);
    const std::size_t end = c.rest().find(']');
    if (cpu.empty() || cpu.size() > 3 || !c.rest().starts_with(": ") || end > 40) // or npos
        return 0;
    const std::string_view task = c.rest().substr(2, end - 2);
    const std::size_t colon = task.rfind(':');
    if (colon == task.npos)
        return 0;
    cursor pid(trim(task.substr(colon + 1)));
    return pid.decimal() && pid.at_end() ? s.size() - c.rest().size() + end + 1 : 0;
}

/// The MESSAGE of a journal record in JSON, with its escapes as they are. Empty if there is none.
constexpr std::string_view json_message(std::string_view s)
{
    cursor c(s);
    if (!c.skip_past("\"MESSAGE\""))
        return {};
    c.skip_spaces();
    if (!c.skip(":"))
        return {};
    c.skip_spaces();
    if (!c.skip("\""))
        return {};
    const std::string_view text = c.rest();
    std::size_t end = 0;
    while (end < text.size() && text[end] != '"')
        end += text[end] == '\\' ? 2u : 1u;
    return text.substr(0, end);
}

} // namespace detail

/// Takes the prefixes off a line: quote marks, <level>, [time], [caller], syslog and journal heads,
/// dmesg -x. What it does not know stays in the body.
constexpr line parse_line(std::string_view text, unsigned long number, std::uint64_t offset = 0)
{
    line l;
    l.number = number;
    l.offset = offset;
    l.text = text;
    cursor c(text);
    for (int part = 0; part < 12; ++part) {
        c.skip_spaces();
        const std::string_view rest = c.rest();
        if (rest.empty())
            break;
        if (!l.time.empty() && is_alpha(rest[0]) && rest[0] != 'k' &&
            !(rest[0] == 'c' && rest.size() > 1 && is_digit(rest[1])))
            break; // the message: what else comes behind a time has a mark of its own
        if (!l.time.empty() && l.caller.empty() &&
            (rest[0] == '(' || rest[0] == '[' || rest[0] == 'c')) {
            std::string_view cpu;
            if (const std::size_t length = detail::vendor_length(rest, cpu); length != 0) {
                l.caller = cpu;
                c = cursor(rest.substr(length));
                continue;
            }
        }
        if (rest[0] == '>' || (rest[0] == '|' && rest.size() > 1 && is_space(rest[1]))) {
            c = cursor(rest.substr(1));
            continue;
        }
        if (rest[0] == '\x1b' && rest.size() > 1 && rest[1] == '[') { // colour of a console
            const std::size_t end = rest.find_first_not_of("0123456789;", 2);
            if (end == std::string_view::npos)
                break;
            c = cursor(rest.substr(end + 1));
            continue;
        }
        if (rest[0] == '<') {
            cursor level(rest.substr(1));
            const auto value = level.decimal();
            if (!value || !level.skip(">"))
                break;
            l.level = static_cast<int>(*value & 7);
            c = level;
            continue;
        }
        if (rest[0] == '{') { // journalctl -o json
            const std::string_view message = detail::json_message(rest);
            if (message.empty())
                break;
            c = cursor(message);
            continue;
        }
        if (rest[0] == '[') {
            const std::size_t end = rest.find(']');
            if (end > 40) // or npos
                break;
            const std::string_view inside = rest.substr(1, end - 1);
            if (detail::is_time(inside))
                l.time = trim(inside);
            else if (detail::is_caller(inside, !l.time.empty() && l.caller.empty()))
                l.caller = trim(inside);
            else
                break;
            c = cursor(rest.substr(end + 1));
            continue;
        }
        if (begins_with(rest, "kernel: ")) {
            c = cursor(rest.substr(8));
            continue;
        }
        if (is_digit(rest[0])) {
            if (const std::size_t length = detail::kmsg_length(rest); length != 0) {
                const std::size_t caller = rest.substr(0, length).find("caller=");
                if (caller != std::string_view::npos)
                    l.caller = rest.substr(caller + 7, length - caller - 8);
                c = cursor(rest.substr(length));
                continue;
            }
        }
        if (begins_with(rest, "kern ")) { // kern  :err   : [time] …
            cursor fields(rest.substr(5));
            fields.skip_spaces();
            if (!fields.skip(":"))
                break;
            fields.take_while(is_alpha);
            fields.skip_spaces();
            if (!fields.skip(":"))
                break;
            c = fields;
            continue;
        }
        if (const std::size_t length = detail::date_length(rest); l.time.empty() && length != 0) {
            const std::size_t tag = rest.substr(0, 160).find(" kernel: ");
            if (tag == std::string_view::npos)
                break;
            l.time = rest.substr(0, length);
            c = cursor(rest.substr(tag + 9));
            continue;
        }
        break;
    }
    c.skip_spaces();
    l.body = c.rest();
    return l;
}

/// Cuts a stream of bytes into lines. Ends are LF or CR LF. A line of more than `longest` bytes is
/// cut there: no message that is read here comes near.
class line_splitter
{
public:
    static constexpr std::size_t longest = 16384; ///< Bytes of a line that are kept.

    /// Calls on_line(const line&) for each line that ends in this piece.
    template <class OnLine> void feed(std::string_view piece, OnLine &&on_line)
    {
        while (!piece.empty()) {
            const std::size_t end = piece.find('\n');
            if (end == std::string_view::npos) {
                keep(piece);
                read_ += piece.size();
                return;
            }
            if (!keeping_) {
                emit(piece.substr(0, end < longest ? end : longest), on_line);
            } else {
                keep(piece.substr(0, end));
                emit(kept_, on_line);
                kept_.clear();
                keeping_ = false;
            }
            piece.remove_prefix(end + 1);
            read_ += end + 1;
            start_ = read_;
        }
    }

    /// The last line, if it has no end.
    template <class OnLine> void finish(OnLine &&on_line)
    {
        if (!kept_.empty())
            emit(kept_, on_line);
        kept_.clear();
        keeping_ = false;
        start_ = read_;
    }

    unsigned long lines() const { return number_; } ///< how many there were

private:
    void keep(std::string_view piece)
    {
        const std::size_t room = longest - kept_.size();
        kept_.append(piece.substr(0, room));
        keeping_ = true;
    }

    template <class OnLine> void emit(std::string_view text, OnLine &on_line)
    {
        while (!text.empty() && text.back() == '\r')
            text.remove_suffix(1);
        on_line(parse_line(text, ++number_, start_));
    }

    std::string kept_;
    bool keeping_ = false;
    unsigned long number_ = 0;
    std::uint64_t read_ = 0;  ///< bytes
    std::uint64_t start_ = 0; ///< of the line
};

} // namespace kctx::klog
