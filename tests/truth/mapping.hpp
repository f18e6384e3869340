// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the names of the measurements stand for: see mapping.tsv.
#pragma once

#include "cells.hpp"

#include <kctx/rules/matrix.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace truth {

namespace rules = kctx::rules;

/// A call with the sections around it, as the measurement made it.
struct measured_call {
    std::vector<const rules::section_row *> sections;
    const rules::call_row *call = nullptr; ///< NULL: none is made
    /// How process context took a lock of the same class before; NULL if it did not.
    const rules::section_row *before = nullptr;
};

class mapping
{
    struct rule {
        std::string kind;
        std::string name;
        std::string stands_for;
        std::string before{};
        bool used = false;
    };
    std::vector<rule> rules_;
    std::map<std::string, measured_call> calls_;
    std::map<std::string, rules::story> contexts_;

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
    static const rules::section_row *section(std::string_view name)
    {
        for (const rules::section_row &s : rules::section_rows()) {
            if (s.entered_by == name)
                return &s;
        }
        return nullptr;
    }
    measured_call read_call(std::string_view text) const
    {
        measured_call found;
        for (std::size_t plus; (plus = text.find(" + ")) != text.npos;
             text.remove_prefix(plus + 3)) {
            found.sections.push_back(section(text.substr(0, plus)));
            if (!found.sections.back())
                throw std::invalid_argument("no section is entered by \"" +
                                            std::string(text.substr(0, plus)) + "\"");
        }
        if (text != "-") {
            found.call = rules::find_call(text);
            if (!found.call)
                throw std::invalid_argument("no call is declared as \"" + std::string(text) + "\"");
        }
        return found;
    }
    static bool is_entry(std::string_view name)
    {
        for (const rules::entry_row &e : rules::entry_rows()) {
            if (e.name == name)
                return true;
        }
        return false;
    }
    [[noreturn]] static void unknown(const char *kind, const std::string &name,
                                     const std::string &read_as)
    {
        throw std::invalid_argument(std::string("the mapping has no ") + kind + " \"" + name +
                                    "\" (read as \"" + read_as + "\")");
    }
    static constexpr int enough = 16; // replacements of one name

public:
    explicit mapping(const std::string &path)
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

    /// @throws std::invalid_argument for a name that stands for nothing
    const measured_call &call(const std::string &name)
    {
        const auto known = calls_.find(name);
        if (known != calls_.end())
            return known->second;
        std::string text = name;
        std::string before;
        for (int i = 0;; ++i) {
            const bool is_known = rules::find_call(text) != nullptr;
            const std::string last = text;
            const rule *line = i < enough ? replace("call", text, is_known) : nullptr;
            if (line && !line->before.empty())
                before = line->before;
            if (!line && !is_known)
                unknown("call", name, text);
            if (!line || text == last || text == "-" || text.find(" + ") != text.npos)
                break;
        }
        measured_call found = read_call(text);
        if (!before.empty()) {
            found.before = section(before);
            if (!found.before)
                throw std::invalid_argument("no section is entered by \"" + before + "\"");
        }
        return calls_[name] = found;
    }
    const rules::story &context(const std::string &name)
    {
        const auto known = contexts_.find(name);
        if (known != contexts_.end())
            return known->second;
        std::string text = name;
        for (int i = 0;; ++i) {
            const std::size_t end = text.find(" + ");
            std::string first = text.substr(0, end);
            if (is_entry(first))
                break;
            if (i == enough || !replace("context", first))
                unknown("context", name, text);
            text = first + (end == text.npos ? "" : text.substr(end));
        }
        return contexts_[name] = rules::read_story(text);
    }
    /// How many lines no name needed: other cells may.
    std::size_t unused() const
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(rules_, [](const rule &r) { return !r.used; }));
    }
};

} // namespace truth
