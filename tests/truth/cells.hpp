// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reads the tables of the measurements. What is wrong with one is said with file and line.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace truth {

/// Input that cannot be used.
struct unusable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    for (std::size_t end = 0; end != text.npos; text.remove_prefix(end + 1)) {
        end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == text.npos)
            break;
    }
    return parts;
}

/// A line of a table, and where it stands.
struct line {
    std::string where; ///< "rt.tsv:17"
    std::vector<std::string> columns;
};

/// The lines of a table of tab-separated values after its head, which must be @p head.
inline std::vector<line> read_table(const std::string &path, std::string_view head)
{
    std::ifstream in(path);
    if (!in)
        throw unusable(path + ": cannot be read");
    const std::vector<std::string> names = split(head, '\t');
    std::vector<line> lines;
    std::string text;
    for (unsigned number = 1; std::getline(in, text); ++number) {
        const std::string where = path + ":" + std::to_string(number);
        if (number == 1) {
            if (text != head)
                throw unusable(where + ": the head is not \"" + std::string(head) + "\"");
            continue;
        }
        line next{where, split(text, '\t')};
        if (next.columns.size() != names.size())
            throw unusable(where + ": " + std::to_string(next.columns.size()) + " columns, not " +
                           std::to_string(names.size()));
        lines.push_back(std::move(next));
    }
    if (in.bad())
        throw unusable(path + ": cannot be read to its end");
    if (lines.empty())
        throw unusable(path + ": has no line after its head");
    return lines;
}

/// What a kernel did when a call was made in a context.
struct cell {
    std::string where;
    bool rt; ///< the kernel with PREEMPT_RT
    std::string context;
    std::string call;
    bool passed;            ///< nothing was printed, and the call returned
    std::string first_line; ///< of the complaint
    std::string kind;       ///< of complaint
    bool entering;          ///< it was about the context itself
    std::string then;       ///< what came after the first complaint

    /// Whether one of the complaints, first or not, is of sleeping.
    bool sleeps() const
    {
        for (const char *report : {"sleeping function called", "scheduling while atomic",
                                   "Voluntary context switch within RCU"}) {
            if (first_line.find(report) != first_line.npos || then.find(report) != then.npos)
                return true;
        }
        return false;
    }
};

inline std::vector<cell> read_cells(const std::string &path, bool rt)
{
    std::vector<cell> cells;
    for (line &l : read_table(path, "context\tcall\tverdict\tfirst_line\tkind\tstage\tret\tthen")) {
        auto &c = l.columns;
        const bool complains = c[2] == "complains" || c[2] == "hangs/crashes";
        if (!complains && c[2] != "ok")
            throw unusable(l.where + ": \"" + c[2] + "\" is no verdict");
        if (complains == c[4].empty())
            throw unusable(l.where + ": a complaint has a kind, and nothing else has");
        cells.push_back({std::move(l.where), rt, std::move(c[0]), std::move(c[1]), !complains,
                         std::move(c[3]), std::move(c[4]), c[5] == "enter", std::move(c[7])});
    }
    return cells;
}

/// A line of the kernel's self-test of lock nesting (lib/locking-selftest.c).
struct expectation {
    std::string where;
    std::string context;
    std::string lock;
    bool silent;
    bool nests_on_rt;
};

inline std::vector<expectation> read_expectations(const std::string &path)
{
    std::vector<expectation> all;
    for (line &l :
         read_table(path, "outer_context\tinner_lock\texpected\tread_as\tnestable_on_RT")) {
        auto &c = l.columns;
        if (c[2] != "SUCCESS" && c[2] != "FAILURE")
            throw unusable(l.where + ": \"" + c[2] + "\" is no expectation");
        all.push_back({std::move(l.where), std::move(c[0]), std::move(c[1]), c[2] == "SUCCESS",
                       c[4] != "no"});
    }
    return all;
}

} // namespace truth
