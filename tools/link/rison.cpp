// SPDX-License-Identifier: BSL-1.0
#include "rison.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace kctx::tools::link {
namespace {

using nlohmann::json;

constexpr std::string_view ends_a_word = " '!:(),*@$";
constexpr std::string_view begins_a_number = "-0123456789";
constexpr unsigned deepest = 100;

bool is_word(std::string_view s)
{
    return !s.empty() && s.find_first_of(ends_a_word) == s.npos &&
           begins_a_number.find(s.front()) == s.npos;
}

std::string in_quotes(std::string_view s)
{
    if (is_word(s))
        return std::string(s);
    std::string text = "'";
    for (const char c : s) {
        if (c == '\'' || c == '!')
            text += '!';
        text += c;
    }
    return text + "'";
}

std::string encoded(const json &value)
{
    switch (value.type()) {
    case json::value_t::null:
        return "!n";
    case json::value_t::boolean:
        return value.get<bool>() ? "!t" : "!f";
    case json::value_t::string:
        return in_quotes(value.get_ref<const std::string &>());
    case json::value_t::array: {
        std::string text = "!(";
        for (const json &element : value)
            text += (text.size() == 2 ? "" : ",") + encoded(element);
        return text + ")";
    }
    case json::value_t::object: {
        std::string text = "(";
        for (const auto &[key, element] : value.items()) {
            // Compiler Explorer takes a key that begins like a number for one.
            const bool digit = key.size() == 1 && begins_a_number.find(key[0]) != key.npos;
            text += text.size() == 1 ? "" : ",";
            text += digit ? key : in_quotes(key);
            text += ":" + encoded(element);
        }
        return text + ")";
    }
    default:
        return value.dump();
    }
}

/// What encodeURIComponent() leaves alone, and what is as good as that in a fragment.
bool is_safe(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.!~*'(),:@$/").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (is_safe(c)) {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            const auto byte = static_cast<unsigned char>(c);
            (out += '%') += hex[byte >> 4];
            out += hex[byte & 15];
        }
    }
    return out;
}

std::string percent_decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] == '%') {
            unsigned byte = 0;
            const char *const digits = text.data() + i + 1;
            if (i + 2 >= text.size() ||
                std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
                throw std::invalid_argument("rison, character " + std::to_string(i + 1) +
                                            ": % without two digits");
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

class parser
{
    std::string_view text_;
    std::size_t at_ = 0;
    unsigned depth_ = 0;

    [[noreturn]] void fail(const std::string &why) const
    {
        throw std::invalid_argument("rison, character " + std::to_string(at_ + 1) + ": " + why);
    }
    bool take(char c)
    {
        if (at_ == text_.size() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }
    std::string string()
    {
        std::string s;
        while (!take('\'')) {
            if (take('!') && (at_ == text_.size() || (text_[at_] != '!' && text_[at_] != '\'')))
                fail("! before neither ! nor '");
            if (at_ == text_.size())
                fail("a string without its end");
            s += text_[at_++];
        }
        return s;
    }
    json number()
    {
        const std::size_t end =
            std::min(text_.find_first_not_of("-+.eE0123456789", at_), text_.size());
        const std::string_view digits = text_.substr(at_, end - at_);
        json value = json::parse(digits, nullptr, false);
        if (!value.is_number())
            fail("no number");
        at_ = end;
        return value;
    }
    std::string word()
    {
        const std::size_t end = std::min(text_.find_first_of(ends_a_word, at_), text_.size());
        if (end == at_)
            fail("a value was expected");
        const std::string_view found = text_.substr(at_, end - at_);
        at_ = end;
        return std::string(found);
    }
    json array()
    {
        json values = json::array();
        while (!take(')')) {
            if (!values.empty() && !take(','))
                fail("a comma or the end of an array was expected");
            values.push_back(value());
        }
        return values;
    }
    json object(char last)
    {
        json values = json::object();
        while (last == '\0' ? at_ != text_.size() : !take(last)) {
            if (!values.empty() && !take(','))
                fail("a comma or the end of an object was expected");
            const json key = value();
            if (!key.is_string() && !key.is_number_unsigned())
                fail("a key is a string or a number");
            if (!take(':'))
                fail("a key without its value");
            values[key.is_string() ? key.get<std::string>() : key.dump()] = value();
        }
        return values;
    }
    json value()
    {
        if (++depth_ > deepest)
            fail("nested more than 100 deep");
        json found;
        if (take('!')) {
            if (take('t'))
                found = true;
            else if (take('f'))
                found = false;
            else if (take('('))
                found = array();
            else if (!take('n'))
                fail("! before none of t, f, n and (");
        } else if (take('(')) {
            found = object(')');
        } else if (take('\'')) {
            found = string();
        } else if (at_ != text_.size() && begins_a_number.find(text_[at_]) != text_.npos) {
            found = number();
        } else {
            found = word();
        }
        --depth_;
        return found;
    }

public:
    explicit parser(std::string_view text) : text_(text) {}
    json whole() { return object('\0'); }
};

} // namespace

std::string to_rison(const json &object)
{
    const std::string text = encoded(object);
    return percent_encoded(std::string_view(text).substr(1, text.size() - 2));
}

json from_rison(std::string_view text)
{
    const std::string plain = percent_decoded(text);
    return parser(plain).whole();
}

} // namespace kctx::tools::link
