// SPDX-License-Identifier: BSL-1.0
#include "review.hpp"

#include <cctype>
#include <fstream>

namespace kctx::tools::review {

const std::vector<std::string> &source_text::lines(const std::string &file)
{
    const auto [at, fresh] = files_.try_emplace(file);
    if (fresh) {
        std::ifstream in(file);
        for (std::string line; std::getline(in, line);)
            at->second.push_back(line);
    }
    return at->second;
}

std::string source_text::line(const place &at)
{
    const std::vector<std::string> &all = lines(at.file);
    if (at.line < 1 || static_cast<std::size_t>(at.line) > all.size())
        return "";
    const std::string &text = all[static_cast<std::size_t>(at.line) - 1];
    const std::size_t first = text.find_first_not_of(" \t");
    return first == text.npos ? "" : text.substr(first);
}

std::vector<std::string> source_text::arguments(const place &at)
{
    constexpr std::size_t most = 2000; // characters; what is longer is no call
    const std::vector<std::string> &all = lines(at.file);
    std::string text;
    for (auto row = static_cast<std::size_t>(at.line > 0 ? at.line - 1 : 0);
         at.line > 0 && at.column > 0 && row < all.size() && text.size() < most; ++row) {
        const std::size_t skip = text.empty() ? static_cast<std::size_t>(at.column) - 1 : 0;
        text += (skip < all[row].size() ? all[row].substr(skip) : "") + " ";
    }
    std::size_t i = 0;
    int angles = 0; // with<SpinLocked>(
    for (; i < text.size() && (text[i] != '(' || angles > 0); ++i) {
        const char c = text[i];
        angles += c == '<' ? 1 : c == '>' ? -1 : 0;
        if (angles == 0 && c != '>' && c != '_' && c != ':' && c != ' ' &&
            std::isalnum(static_cast<unsigned char>(c)) == 0)
            return {};
    }
    std::vector<std::string> found;
    std::string word;
    int nested = 0;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        nested += c == '(' || c == '{' || c == '[' ? 1 : c == ')' || c == '}' || c == ']' ? -1 : 0;
        if (nested == 0 || (c == ',' && nested == 1)) {
            const std::size_t first = word.find_first_not_of(' ');
            if (first != word.npos)
                found.push_back(word.substr(first, word.find_last_not_of(' ') + 1 - first));
            word.clear();
            if (nested == 0)
                return found;
        } else if (nested > 1 || c != '(') {
            if (c != ' ' || !word.ends_with(' '))
                word += c;
        }
    }
    return {};
}

} // namespace kctx::tools::review
