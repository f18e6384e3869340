// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reading and writing the texts in which a kernel reports its memory. What is read must have the
/// kernel's words in the kernel's order; blanks and line breaks may be others than the kernel's,
/// since mailers and documents change them. Anything else is refused with its line and the reason.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kctx::mm {

/// A text that is not what it should be.
class malformed : public std::runtime_error
{
public:
    malformed(unsigned long line, const std::string &reason)
        : std::runtime_error("line " + std::to_string(line) + ": " + reason), line_(line)
    {}
    unsigned long line() const { return line_; } ///< from 1 on

private:
    unsigned long line_;
};

/// Reads a text word by word.
class scanner
{
public:
    explicit scanner(std::string_view text) : text_(text) {}

    /// Moves behind a literal and says true, or stays and says false. Blanks in the literal and in
    /// front of it stand for any blanks and line breaks, none included.
    bool skip(std::string_view literal)
    {
        std::size_t at = literal.empty() ? at_ : behind_blanks(at_);
        for (const char c : literal) {
            if (is_blank(c)) {
                at = behind_blanks(at);
                continue;
            }
            if (at == text_.size() || text_[at] != c)
                return false;
            ++at;
        }
        at_ = at;
        return true;
    }

    /// Skips blanks and @p literal, which must come next. Throws malformed.
    void expect(std::string_view literal)
    {
        if (!skip(literal))
            refuse("expected '" + trimmed(literal) + "'");
    }

    /// Whether @p literal comes next, behind blanks; nothing is skipped.
    bool next_is(std::string_view literal)
    {
        const std::size_t at = at_;
        const bool is = skip(literal);
        at_ = at;
        return is;
    }

    /// A decimal number.
    std::uint64_t number()
    {
        at_ = behind_blanks(at_);
        if (at_ == text_.size() || !is_digit(text_[at_]))
            refuse("expected a number");
        std::uint64_t value = 0;
        for (std::size_t at = at_; at < text_.size() && is_digit(text_[at]); ++at) {
            const unsigned digit = static_cast<unsigned>(text_[at] - '0');
            if (value > (UINT64_MAX - digit) / 10)
                refuse("a number beyond 64 bits");
            value = value * 10 + digit;
        }
        while (at_ < text_.size() && is_digit(text_[at_]))
            ++at_;
        return value;
    }

    /// A number of at most `most`.
    std::uint64_t number(std::uint64_t most, std::string_view what)
    {
        const std::size_t before = at_;
        const std::uint64_t value = number();
        if (value > most) {
            at_ = before;
            refuse(std::string(what) + " of more than " + std::to_string(most));
        }
        return value;
    }

    /// Skips a decimal number: whether there was one.
    bool skip_number()
    {
        std::size_t at = behind_blanks(at_);
        const std::size_t begin = at;
        while (at < text_.size() && is_digit(text_[at]))
            ++at;
        if (at == begin)
            return false;
        at_ = at;
        return true;
    }

    /// Whether a decimal number comes next; nothing is skipped.
    bool number_follows() const
    {
        const std::size_t at = behind_blanks(at_);
        return at < text_.size() && is_digit(text_[at]);
    }

    /// Does a number follow on this line?
    bool number_on_line() const
    {
        std::size_t at = at_;
        while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t'))
            ++at;
        return at < text_.size() && is_digit(text_[at]);
    }

    /// Everything up to the next blank, line break or one of `ends`; not empty.
    std::string word(std::string_view ends = "")
    {
        at_ = behind_blanks(at_);
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_blank(text_[at_]) && ends.find(text_[at_]) == ends.npos)
            ++at_;
        if (at_ == begin)
            refuse("expected a word");
        return std::string(text_.substr(begin, at_ - begin));
    }

    /// The rest of the line, without blanks at its ends.
    std::string rest_of_line()
    {
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        const std::string rest = trimmed(text_.substr(at_, end - at_));
        at_ = end;
        return rest;
    }

    /// Whether nothing but blanks is left.
    bool at_end() const { return behind_blanks(at_) == text_.size(); }
    /// Throws malformed if anything but blanks is left.
    void expect_end()
    {
        if (!at_end())
            refuse("expected the end");
    }

    std::size_t position() const { return at_; } ///< where it reads, in bytes; for back_to()
    void back_to(std::size_t position) { at_ = position; } ///< reads again from there

    /// The line that the next word is on.
    unsigned long line() const
    {
        const std::size_t at = behind_blanks(at_);
        unsigned long n = 1;
        for (const char c : text_.substr(0, at == text_.size() ? at_ : at))
            n += c == '\n';
        return n;
    }

    /// Throws malformed: the reason, and what is there instead.
    [[noreturn]] void refuse(const std::string &reason) const
    {
        const std::size_t at = behind_blanks(at_);
        if (at == text_.size())
            throw malformed(line(), reason + ", and the text ends");
        std::string found;
        for (const char c : text_.substr(at, 24)) {
            if (c == '\n')
                break;
            found += c >= ' ' && c <= '~' ? c : '?';
        }
        throw malformed(line(), reason + ", and there is '" + trimmed(found) + "'");
    }

private:
    static constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static constexpr bool is_blank(char c)
    {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }
    static std::string trimmed(std::string_view s)
    {
        while (!s.empty() && is_blank(s.front()))
            s.remove_prefix(1);
        while (!s.empty() && is_blank(s.back()))
            s.remove_suffix(1);
        return std::string(s);
    }
    std::size_t behind_blanks(std::size_t at) const
    {
        while (at < text_.size() && is_blank(text_[at]))
            ++at;
        return at;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// Appends a number right-aligned in `width` columns, as printf's %*lu.
inline void append(std::string &out, std::uint64_t value, unsigned width = 0)
{
    const std::string digits = std::to_string(value);
    if (digits.size() < width)
        out.append(width - digits.size(), ' ');
    out += digits;
}

/// Appends a text left-aligned in `width` columns, as printf's %-*s.
inline void append_left(std::string &out, std::string_view text, unsigned width)
{
    out += text;
    if (text.size() < width)
        out.append(width - text.size(), ' ');
}

/// Appends a text right-aligned in `width` columns, as printf's %*s.
inline void append_right(std::string &out, std::string_view text, unsigned width)
{
    if (text.size() < width)
        out.append(width - text.size(), ' ');
    out += text;
}

/// A log without what printk put in front of each line: `<4>`, `[   24.815104] `.
inline std::string without_prefixes(std::string_view log)
{
    std::string out;
    while (!log.empty()) {
        const std::size_t end = log.find('\n');
        std::string_view line = log.substr(0, end);
        if (line.starts_with('<') && line.find('>') < 4)
            line.remove_prefix(line.find('>') + 1);
        if (line.starts_with('[')) {
            const std::size_t close = line.find("] ");
            if (close != line.npos && line.substr(1, close - 1).find_first_not_of(" .0123456789") ==
                                          std::string_view::npos)
                line.remove_prefix(close + 2);
        }
        out += line;
        if (end == log.npos)
            break;
        out += '\n';
        log.remove_prefix(end + 1);
    }
    return out;
}

} // namespace kctx::mm
