// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the names of the measurements stand for: see mapping.tsv.
#pragma once

#include "names.hpp"

#include <kctx/rules/matrix.hpp>

#include <map>

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
    name_patterns patterns_;
    std::map<std::string, measured_call> calls_;
    std::map<std::string, rules::story> contexts_;

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
    explicit mapping(const std::string &path) : patterns_(path) {}

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
            const name_patterns::rule *line =
                i < enough ? patterns_.replace("call", text, is_known) : nullptr;
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
            if (i == enough || !patterns_.replace("context", first))
                unknown("context", name, text);
            text = first + (end == text.npos ? "" : text.substr(end));
        }
        return contexts_[name] = rules::read_story(text);
    }
    /// How many lines no name needed: other cells may.
    std::size_t unused() const { return patterns_.unused(); }
};

} // namespace truth
