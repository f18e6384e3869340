// SPDX-License-Identifier: BSL-1.0
#include "lz_string.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace kctx::tools::link {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned bits_a_digit = 6;
constexpr std::size_t most_text = std::size_t{64} << 20; // a short text can stand for a huge one

// The first codes are no texts: what follows is a new character of 8 bits, or of 16, or the end.
enum code : std::uint32_t { new_byte = 0, new_wide = 1, end = 2, first_free = 3 };

/// How many bits a code has: one more each time that as many codes as there could be were written.
class code_width
{
    std::uint32_t left_;
    unsigned bits_;

public:
    code_width(unsigned bits, std::uint32_t left) : left_(left), bits_(bits) {}
    unsigned bits() const { return bits_; }
    void next()
    {
        if (--left_ == 0)
            left_ = 1u << bits_++;
    }
};

class writer
{
    std::string text_;
    unsigned digit_ = 0;
    unsigned filled_ = 0;

public:
    /// The lowest bit first.
    void put(std::uint32_t value, unsigned bits)
    {
        for (; bits != 0; --bits, value >>= 1) {
            digit_ = digit_ << 1 | (value & 1);
            if (++filled_ == bits_a_digit) {
                text_ += digits[digit_];
                digit_ = filled_ = 0;
            }
        }
    }
    std::string finish()
    {
        text_ += digits[digit_ << (bits_a_digit - filled_)];
        while (text_.size() % 4 != 0)
            text_ += '=';
        return std::move(text_);
    }
};

class reader
{
    std::string_view text_;
    std::size_t at_ = 0;
    unsigned digit_ = 0;
    unsigned left_ = 0;

public:
    explicit reader(std::string_view text) : text_(text.substr(0, text.find('='))) {}
    [[noreturn]] void fail(const std::string &why) const
    {
        throw std::invalid_argument("compressed text, character " + std::to_string(at_) + ": " +
                                    why);
    }
    std::uint32_t get(unsigned bits)
    {
        std::uint32_t value = 0;
        for (unsigned i = 0; i < bits; ++i) {
            if (left_ == 0) {
                if (at_ == text_.size())
                    fail("it ends too early");
                const std::size_t digit = digits.find(text_[at_++]);
                if (digit == digits.npos)
                    fail("not a digit of base 64");
                digit_ = static_cast<unsigned>(digit);
                left_ = bits_a_digit;
            }
            value |= (digit_ >> --left_ & 1) << i;
        }
        return value;
    }
};

} // namespace

std::string compress(std::string_view text)
{
    writer out;
    code_width width(2, 2);
    std::uint32_t free = first_free;
    // A text of the dictionary is a shorter one and a character; those of one character:
    std::array<std::uint32_t, 128> single{};
    std::array<bool, 128> is_new{};
    std::unordered_map<std::uint64_t, std::uint32_t> longer;
    struct phrase {
        std::uint32_t code;
        unsigned char only; ///< the character, of a phrase of one
        bool one;
    };
    std::optional<phrase> seen;
    const auto put = [&](const phrase &p) {
        if (p.one && is_new[p.only]) {
            out.put(new_byte, width.bits());
            out.put(p.only, 8);
            width.next();
            is_new[p.only] = false;
        } else {
            out.put(p.code, width.bits());
        }
        width.next();
    };
    for (const char character : text) {
        const auto c = static_cast<unsigned char>(character);
        if (c >= single.size())
            throw std::invalid_argument("a text to compress is to be ASCII");
        if (single[c] == 0) {
            single[c] = free++;
            is_new[c] = true;
        }
        if (!seen) {
            seen = phrase{single[c], c, true};
            continue;
        }
        const auto [found, added] = longer.try_emplace(std::uint64_t{seen->code} << 8 | c, free);
        if (!added) {
            seen = phrase{found->second, 0, false};
            continue;
        }
        put(*seen);
        ++free;
        seen = phrase{single[c], c, true};
    }
    if (seen)
        put(*seen);
    out.put(end, width.bits());
    return out.finish();
}

std::string decompress(std::string_view base64)
{
    reader in(base64);
    std::string text;
    // A text of the dictionary stands in what was read already: the one before, and a character.
    struct part {
        std::size_t begin;
        std::size_t size;
    };
    std::vector<part> dictionary(first_free);
    code_width width(2, 1); // the first code has two bits, those after it three
    part last{0, 0};
    for (;;) {
        std::uint32_t code = in.get(width.bits());
        if (code == new_wide)
            in.fail("a character beyond ASCII, which is not percent-encoded");
        if (code == end)
            return text;
        const std::size_t begin = text.size();
        if (code == new_byte) {
            text += static_cast<char>(in.get(8));
            dictionary.push_back({begin, 1});
            if (last.size != 0)
                width.next();
        } else if (code < dictionary.size()) {
            const part again = dictionary[code];
            for (std::size_t i = 0; i < again.size; ++i)
                text += text[again.begin + i];
        } else if (code == dictionary.size() && last.size != 0) {
            for (std::size_t i = 0; i < last.size; ++i)
                text += text[last.begin + i];
            text += text[last.begin];
        } else {
            in.fail("a code of nothing that was there before");
        }
        if (text.size() > most_text)
            in.fail("more than 64 MiB of text");
        const part now{begin, text.size() - begin};
        if (last.size != 0)
            dictionary.push_back({last.begin, last.size + 1});
        width.next();
        last = now;
    }
}

} // namespace kctx::tools::link
