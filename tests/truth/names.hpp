// SPDX-License-Identifier: BSL-1.0
/// @file
/// The lines of mapping.tsv as patterns: what a name of the measurements stands for, in one step.
#pragma once

#include "cells.hpp"

#include <algorithm>
#include <optional>

namespace truth {

inline std::vector<std::string> split_at(std::string_view text, std::string_view separator)
{
    std::vector<std::string> parts;
    for (std::size_t end; (end = text.find(separator)) != text.npos;
         text.remove_prefix(end + separator.size()))
        parts.emplace_back(text.substr(0, end));
    parts.emplace_back(text);
    return parts;
}

class name_patterns
{
public:
    struct rule {
        std::string kind;
        std::string name;
        std::string stands_for;
        std::string before{};
        bool used = false;
    };

    explicit name_patterns(const std::string &path)
    {
        std::ifstream in(path);
        if (!in)
            throw unusable(path + ": cannot be read");
        std::string text;
        for (unsigned number = 1; std::getline(in, text); ++number) {
            if (text.empty() || text[0] == '#')
                continue;
            const std::string where = path + ":" + std::to_string(number);
            auto columns = split(text, '\t');
            columns.resize(columns.size() == 3 ? 4 : columns.size());
            if (columns.size() != 4 || (columns[0] != "call" && columns[0] != "context"))
                throw unusable(where + ": not `call` or `context`, a name, what it stands for");
            rules_.push_back({columns[0], columns[1], columns[2], columns[3]});
        }
        if (rules_.empty())
            throw unusable(path + ": has no line");
    }

    /// One step of replacement, by the first line that fits, or nothing. Of a name that is known
    /// already only lines without a star say more.
    const rule *replace(std::string_view kind, std::string &name, bool is_known = false)
    {
        for (rule &r : rules_) {
            if (r.kind != kind || (is_known && r.name.find('*') != r.name.npos))
                continue;
            if (const auto star = fit(r.name, name)) {
                r.used = true;
                name = r.stands_for;
                if (const std::size_t at = name.find('*'); at != name.npos)
                    name.replace(at, 1, *star);
                return &r;
            }
        }
        return nullptr;
    }
    /// How many lines no name needed: other cells may.
    std::size_t unused() const
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(rules_, [](const rule &r) { return !r.used; }));
    }

private:
    std::vector<rule> rules_;

    /// What the first star of @p pattern stands for in @p text, or nothing if it does not fit.
    static std::optional<std::string> fit(std::string_view pattern, std::string_view text)
    {
        const std::size_t star = pattern.find('*');
        if (star == pattern.npos)
            return pattern == text ? std::optional<std::string>("") : std::nullopt;
        if (text.substr(0, star) != pattern.substr(0, star))
            return std::nullopt;
        const std::string_view rest = pattern.substr(star + 1);
        for (std::size_t end = star; end <= text.size(); ++end) {
            if (fit(rest, text.substr(end)))
                return std::string(text.substr(star, end - star));
        }
        return std::nullopt;
    }
};

} // namespace truth
