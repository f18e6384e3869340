// SPDX-License-Identifier: BSL-1.0
/// @file
/// A student's folder: the files that are edited, and under .lab/ what is known of them.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "format.hpp"
#include "judge.hpp"

namespace kctx::tools::lab {

/// Where an exercise stands. What passed is keyed by the file's text, the compiler and the checks:
/// when one of them has changed it is to be checked again.
enum class standing : unsigned char { not_begun, failing, recheck, passed };

struct tree_settings {
    fs::path course;
    fs::path include;
    std::string compiler;
    std::string student; ///< the numbers of his exercises are drawn for him
    std::string salt;    ///< of the course
};

/// The seed of a student: the same in his own folder and in the grader.
std::uint64_t seed_of(std::string_view salt, std::string_view student);

class tree
{
    struct progress {
        std::string passed_key; ///< of the last text that passed
        std::string failed_key; ///< of the last one that did not
        std::string first_cause;
        unsigned hints = 0;
        bool gave_up = false;
    };
    fs::path root_;
    tree_settings settings_;
    std::map<std::string, progress, std::less<>> progress_;
    std::string current_;

    tree(fs::path root, tree_settings settings)
        : root_(std::move(root)), settings_(std::move(settings))
    {}
    void read_state();
    std::string key(const exercise &e, std::string_view answer, const toolbox &tools) const;

public:
    /// Writes the starters; files that are there already stay as they are. Returns the folder.
    static tree create(const fs::path &root, const course &c, const tree_settings &settings);
    /// The one that @p somewhere is in. Throws std::runtime_error if it is in none.
    static tree open(const fs::path &somewhere);

    const fs::path &root() const { return root_; }
    const tree_settings &settings() const { return settings_; }
    std::uint64_t seed() const { return seed_of(settings_.salt, settings_.student); }
    fs::path file_of(const exercise &e) const { return root_ / e.file(); }
    std::string answer(const exercise &e) const { return read_file(file_of(e)); }

    standing stands(const exercise &e, const toolbox &tools) const;
    /// The slug or name that it failed for when last checked.
    std::string first_cause(const exercise &e) const;
    void record(const exercise &e, std::string_view answer, const verdict &v, const toolbox &tools);
    /// The next hint, 1 to 3, and whether there is another one.
    unsigned take_hint(const exercise &e);
    unsigned hints_taken(const exercise &e) const;
    bool gave_up(const exercise &e) const;
    void give_up(const exercise &e);
    /// The starter again; the answer is kept. Returns where.
    fs::path reset(const exercise &e);
    /// The exercise that was worked on last.
    const std::string &current() const { return current_; }
    void set_current(const std::string &id) { current_ = id; }
    void save() const;
};

} // namespace kctx::tools::lab
