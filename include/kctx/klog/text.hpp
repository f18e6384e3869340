// SPDX-License-Identifier: BSL-1.0
/// @file
/// Scanning of text that may hold anything: no exception, no locale, no terminating NUL needed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kctx::klog {

// Classes of characters are objects, not functions: take_while(is_digit) is then one loop, without
// a call for each character.
inline constexpr auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
inline constexpr auto is_space = [](char c) { return c == ' ' || c == '\t'; };
inline constexpr auto is_alpha = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
};

/// 0 to 15, or -1 for no hex digit.
constexpr int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// A character of a C identifier or of a compiler's suffix to one (foo.constprop.0, foo$bar).
inline constexpr auto is_symbol_char = [](char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == '.' || c == '$';
};

/// starts_with() for what is asked of every line: the first two characters decide most answers, and
/// the word's length is known to the compiler.
template <std::size_t N> constexpr bool begins_with(std::string_view text, const char (&word)[N])
{
    static_assert(N > 3);
    return text.size() >= N - 1 && text[0] == word[0] && text[1] == word[1] &&
           text.substr(0, N - 1) == std::string_view(word, N - 1);
}

/// The same for ends_with(), by the last two characters.
template <std::size_t N> constexpr bool ends_in(std::string_view text, const char (&word)[N])
{
    static_assert(N > 3);
    return text.size() >= N - 1 && text[text.size() - 1] == word[N - 2] &&
           text[text.size() - 2] == word[N - 3] &&
           text.substr(text.size() - (N - 1)) == std::string_view(word, N - 1);
}

/// Where a word stands in a text, or npos: find(), for the same lines.
template <std::size_t N>
constexpr std::size_t find_word(std::string_view text, const char (&word)[N])
{
    std::size_t at = text.find(word[0]);
    while (at != text.npos && !begins_with(text.substr(at), word))
        at = text.find(word[0], at + 1);
    return at;
}

/// The no-break space of UTF-8, which mailers put in place of spaces.
inline constexpr std::string_view no_break_space = "\xc2\xa0";

/// Without white space in front, no-break spaces among it.
constexpr std::string_view trim_front(std::string_view s)
{
    while (!s.empty()) {
        if (is_space(s.front()))
            s.remove_prefix(1);
        else if (s.front() == no_break_space[0] && s.starts_with(no_break_space))
            s.remove_prefix(no_break_space.size());
        else
            break;
    }
    return s;
}

/// Without white space at both ends.
constexpr std::string_view trim(std::string_view s)
{
    s = trim_front(s);
    while (!s.empty()) {
        if (is_space(s.back()))
            s.remove_suffix(1);
        else if (s.back() == no_break_space[1] && s.ends_with(no_break_space))
            s.remove_suffix(no_break_space.size());
        else
            break;
    }
    return s;
}

/// Reads from the front of a text and moves on; on failure it stays where it was.
class cursor
{
public:
    constexpr explicit cursor(std::string_view text) : text_(text) {}

    constexpr std::string_view rest() const { return text_; } ///< what is left
    constexpr bool at_end() const { return text_.empty(); }   ///< whether nothing is left

    /// Skips @p word if it comes next: whether it did.
    constexpr bool skip(std::string_view word)
    {
        if (!text_.starts_with(word))
            return false;
        text_.remove_prefix(word.size());
        return true;
    }

    constexpr void skip_spaces() { text_ = trim_front(text_); } ///< skips white space

    /// Moves behind the next occurrence of a word.
    constexpr bool skip_past(std::string_view word)
    {
        const std::size_t at = text_.find(word);
        if (at == std::string_view::npos)
            return false;
        text_.remove_prefix(at + word.size());
        return true;
    }

    /// Takes what @p predicate holds for, character by character; may be empty.
    template <class Predicate> constexpr std::string_view take_while(Predicate predicate)
    {
        std::size_t n = 0;
        while (n < text_.size() && predicate(text_[n]))
            ++n;
        const std::string_view taken = text_.substr(0, n);
        text_.remove_prefix(n);
        return taken;
    }

    /// A decimal number of at most nine digits.
    constexpr std::optional<unsigned> decimal()
    {
        std::size_t n = 0;
        unsigned value = 0;
        for (; n < text_.size() && is_digit(text_[n]); ++n) {
            if (n == 9)
                return std::nullopt;
            value = value * 10 + static_cast<unsigned>(text_[n] - '0');
        }
        if (n == 0)
            return std::nullopt;
        text_.remove_prefix(n);
        return value;
    }

    /// A decimal number of at most 18 digits.
    constexpr std::optional<std::uint64_t> decimal64()
    {
        std::size_t n = 0;
        std::uint64_t value = 0;
        for (; n < text_.size() && is_digit(text_[n]); ++n) {
            if (n == 18)
                return std::nullopt;
            value = value * 10 + static_cast<std::uint64_t>(text_[n] - '0');
        }
        if (n == 0)
            return std::nullopt;
        text_.remove_prefix(n);
        return value;
    }

    /// A hexadecimal number of at most eight digits, without 0x.
    constexpr std::optional<std::uint32_t> hex()
    {
        const cursor before = *this;
        const auto value = hex64();
        if (value && *value > 0xffffffff) {
            *this = before;
            return std::nullopt;
        }
        return value;
    }

    /// A hexadecimal number of at most sixteen digits, without 0x.
    constexpr std::optional<std::uint64_t> hex64()
    {
        std::size_t n = 0;
        std::uint64_t value = 0;
        for (; n < text_.size() && hex_value(text_[n]) >= 0; ++n) {
            if (n == 16)
                return std::nullopt;
            value = value * 16 + static_cast<std::uint64_t>(hex_value(text_[n]));
        }
        if (n == 0)
            return std::nullopt;
        text_.remove_prefix(n);
        return value;
    }

private:
    std::string_view text_;
};

/// The number after a label, wherever the label is: number_after("pid: 3, name: sh", "pid: ").
constexpr std::optional<unsigned> number_after(std::string_view text, std::string_view label)
{
    cursor c(text);
    if (!c.skip_past(label))
        return std::nullopt;
    c.skip_spaces();
    return c.decimal();
}

/// The hex number behind the first @p label, with or without 0x; nothing if there is none.
constexpr std::optional<std::uint32_t> hex_after(std::string_view text, std::string_view label)
{
    cursor c(text);
    if (!c.skip_past(label))
        return std::nullopt;
    c.skip_spaces();
    return c.hex();
}

/// A text for the eye: bytes that are not printable ASCII become \xNN, so that a log can neither
/// steer a terminal nor break an encoding.
inline std::string printable(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c >= ' ' && c <= '~') {
            out += c;
        } else if (c == '\t') {
            out += ' ';
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += "\\x";
            out += "0123456789abcdef"[byte >> 4];
            out += "0123456789abcdef"[byte & 15];
        }
    }
    return out;
}

} // namespace kctx::klog
