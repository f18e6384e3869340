// SPDX-License-Identifier: BSL-1.0
#include "single_header.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string_view>

namespace kctx::tools::link {

std::string contents(const std::filesystem::path &file)
{
    std::ifstream in(file, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (!in)
        throw std::runtime_error("cannot read " + file.string());
    return text;
}
namespace {

namespace fs = std::filesystem;

constexpr std::string_view licence = "// SPDX-License-Identifier: BSL-1.0\n";

/// The text without comments: the lines stay where they are. (No raw strings are in the headers.)
std::string without_comments(std::string_view text)
{
    std::string out;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i);
        if (quote != '\0') {
            if (text[i] == '\\' && rest.size() > 1)
                out += text[i++];
            else if (text[i] == quote)
                quote = '\0';
            out += text[i];
        } else if (rest.starts_with("//")) {
            const std::size_t end = rest.find('\n');
            if (end == rest.npos)
                break;
            i += end;
            out += '\n';
        } else if (rest.starts_with("/*")) {
            const std::size_t end = std::min(rest.find("*/", 2), rest.size());
            for (const char c : rest.substr(0, end)) {
                if (c == '\n')
                    out += c;
            }
            i += end + 1;
        } else {
            // 1'000'000 is a number.
            const bool in_number =
                text[i] == '\'' && i != 0 && text[i - 1] >= '0' && text[i - 1] <= '9';
            if ((text[i] == '"' || text[i] == '\'') && !in_number)
                quote = text[i];
            out += text[i];
        }
    }
    return out;
}

/// `#include <kctx/api/slab.hpp>`: kctx/api/slab.hpp, of the library's own headers; or "".
std::string_view own_include(std::string_view line)
{
    const auto skip = [&line](std::string_view word) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!line.starts_with(word))
            return false;
        line.remove_prefix(word.size());
        return true;
    };
    if (!skip("#") || !skip("include") || !skip("<"))
        return {};
    const std::string_view name = line.substr(0, line.find('>'));
    return name.starts_with("kctx/") ? name : std::string_view();
}

class joiner
{
    fs::path include_;
    std::set<std::string, std::less<>> seen_;
    std::string out_ = std::string(licence) + "#pragma once\n";

    std::string named_; ///< the header that the last marker names

    void marker(std::size_t line, std::string_view name)
    {
        (out_ += "#line ") += std::to_string(line);
        if (named_ != name)
            ((out_ += " \"") += name) += '"';
        out_ += '\n';
        named_ = name;
    }

public:
    explicit joiner(fs::path include) : include_(std::move(include)) {}

    void add(std::string_view name)
    {
        const std::string text = without_comments(contents(include_ / name));
        // A header without it is a list that is included where it is wanted, as often as it is.
        const bool once = text.find("#pragma once") != text.npos;
        if (once && !seen_.emplace(name).second)
            return;
        bool blank = true; // lines were left out, or come from elsewhere
        std::size_t number = 0;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            std::string_view line = std::string_view(text).substr(begin, end - begin);
            begin = end + 1;
            ++number;
            line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
            if (line.empty() || line == "#pragma once") {
                blank = true;
                continue;
            }
            const std::string_view included = own_include(line);
            if (!included.empty()) {
                add(included);
                blank = true;
                continue;
            }
            if (blank || named_ != name)
                marker(number, name);
            blank = false;
            if (line.ends_with('\\')) { // in the headers they stand in a column
                line = line.substr(0, line.find_last_not_of(" \\") + 1);
                (out_ += line) += " \\\n";
            } else {
                (out_ += line) += '\n';
            }
        }
    }
    std::string text() && { return std::move(out_); }
};

} // namespace

std::string single_header(const fs::path &include, const std::vector<std::string> &names)
{
    joiner all(include);
    for (const std::string &name : names)
        all.add(name);
    return std::move(all).text();
}

std::vector<std::string> included_headers(const std::string &source)
{
    std::vector<std::string> found;
    const std::string text = without_comments(source);
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view name =
            own_include(std::string_view(text).substr(begin, end - begin));
        if (!name.empty())
            found.emplace_back(name);
        begin = end + 1;
    }
    return found;
}

} // namespace kctx::tools::link
