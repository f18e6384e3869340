// SPDX-License-Identifier: BSL-1.0
#include "screen.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace kctx::tools::lab {

look look::of(int fd, bool want_ascii)
{
    look l;
    const char *term = std::getenv("TERM");
    const char *no_color = std::getenv("NO_COLOR");
    l.color = isatty(fd) != 0 && (no_color == nullptr || *no_color == '\0') && term != nullptr &&
              std::string_view(term) != "dumb";
    l.ascii = want_ascii;
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) {
        l.columns = std::clamp<unsigned>(size.ws_col, 60, 200);
        l.rows = std::max<unsigned>(size.ws_row, 10);
    }
    return l;
}

std::string look::paint(std::string_view code, std::string_view text) const
{
    if (!color)
        return std::string(text);
    return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

std::string_view look::sign(standing s) const
{
    switch (s) {
    case standing::passed:
        return ascii ? "+" : "✓";
    case standing::failing:
        return ascii ? "x" : "✗";
    case standing::recheck:
        return ascii ? "?" : "↻";
    default:
        return ascii ? "." : "·";
    }
}

std::string look::bar(std::size_t done, std::size_t all) const
{
    const std::string count = " " + std::to_string(done) + "/" + std::to_string(all);
    const std::size_t width = columns - count.size() - 2;
    const std::size_t full = all == 0 ? 0 : done * width / all;
    std::string line = ascii ? "[" : "▕";
    std::string filled, rest;
    for (std::size_t i = 0; i < width; ++i)
        (i < full ? filled : rest) += i < full ? (ascii ? "#" : "█") : (ascii ? "-" : "░");
    line += good(filled) + faint(rest);
    return line + (ascii ? "]" : "▏") + count;
}

std::size_t width_of(std::string_view text)
{
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent)
{
    std::string out;
    for (const std::string_view line : lines_of(text)) {
        std::size_t at = out.empty() ? 0 : width_of(indent);
        if (!out.empty())
            out += "\n" + std::string(indent);
        const std::size_t blank = std::min(line.find_first_not_of(' '), line.size());
        // What is set in columns, code or a log, stays as it is.
        if (blank >= 4) {
            out += line;
            continue;
        }
        std::string_view rest = line;
        bool first = true;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(' '), rest.size());
            const std::string_view word = rest.substr(0, end);
            if (!first && at + 1 + width_of(word) > columns) {
                out += "\n" + std::string(indent);
                at = width_of(indent);
                first = true;
            }
            if (!first) {
                out += ' ';
                ++at;
            }
            out += word;
            at += width_of(word);
            first = false;
            rest = end == rest.size() ? std::string_view() : rest.substr(end + 1);
        }
    }
    return out;
}

std::vector<std::string> folded(std::string_view text, std::size_t columns)
{
    std::vector<std::string> lines;
    for (std::string_view line : lines_of(text)) {
        lines.emplace_back();
        std::size_t at = 0;
        while (!line.empty()) {
            std::size_t length = 1;
            if (line[0] == '\033') { // a colour has no width
                length = std::min(line.find('m'), line.size() - 1) + 1;
            } else {
                while (length < line.size() && width_of(line.substr(length, 1)) == 0)
                    ++length; // the rest of a character
                if (at++ == columns) {
                    lines.emplace_back();
                    at = 1;
                }
            }
            lines.back() += line.substr(0, length);
            line.remove_prefix(length);
        }
    }
    return lines;
}

static std::string one_cause(const cause &c, const look &l)
{
    std::string where;
    switch (c.in) {
    case phase::guard:
        where = "not allowed";
        break;
    case phase::reject:
        where = "must-reject \"" + c.name + "\"";
        break;
    case phase::test:
        where = "test \"" + c.name + "\"";
        break;
    case phase::review:
        where = "review";
        break;
    default:
        where = c.name == "c++" ? "error" : "kctx[" + c.name + "]";
    }
    std::string head = std::string(l.sign(standing::failing)) + " " + where;
    if (c.line != 0)
        head += " exercise.cpp:" + std::to_string(c.line);
    const std::string words = printable(head + ": " + c.text);
    std::string text = wrapped(words, l.columns, "  ");
    if (l.color && text.starts_with(head))
        text = l.bad(head) + text.substr(head.size());
    if (!c.fix.empty())
        text += "\n  " + wrapped(printable("fix: " + c.fix), l.columns - 2, "  ");
    return text;
}

std::string verdict_in_words(const verdict &v, const look &l, bool all)
{
    std::string text;
    if (v.passed()) {
        text = l.good(std::string(l.sign(standing::passed)) + " passed") + "\n";
        for (const cause &w : v.warnings)
            text += wrapped("warning: exercise.cpp:" + std::to_string(w.line) + ": " + w.text,
                            l.columns, "  ") +
                    "\n";
        return text;
    }
    const std::size_t shown = all ? v.causes.size() : 1;
    for (std::size_t i = 0; i < shown; ++i)
        text += one_cause(v.causes[i], l) + "\n";
    if (shown < v.causes.size())
        text += l.faint("  and " + std::to_string(v.causes.size() - shown) +
                        (v.causes.size() - shown == 1 ? " more" : " more of them")) +
                "\n";
    return text;
}

} // namespace kctx::tools::lab
