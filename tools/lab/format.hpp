// SPDX-License-Identifier: BSL-1.0
/// @file
/// What an exercise is, on disk and in memory. Everything that a course says is checked when it is
/// read; what is wrong is said with file and line (content_error).
///
///     exercises/course.json                    title, order of the groups
///     exercises/10-contexts/README.md          one screen about the group's rule
///     exercises/10-contexts/101-name/
///         exercise.json                        what is to be done, how it fails, points
///         exercise.cpp                         one source for starter, solution and wrong answers
///         check.cpp                            the checks, which nobody edits
///         hints.md                             three levels, divided by lines `---`
///         why.md                               shown after success
///
/// In exercise.cpp, a place where the texts differ is written
///
///     // [[solve]]
///     the solution's lines
///     // [[stub]]
///     the starter's lines
///     // [[wrong NAME]]
///     the lines of the wrong answer NAME; where it has none it has the solution's
///     // [[end]]
///
/// and `@name@` is a number drawn from the seed (exercise.json, draws).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text.hpp"

namespace kctx::tools::lab {

/// A text with places where its variants differ.
class variants
{
    struct piece {
        std::string common;                                 // before the place
        std::map<std::string, std::string, std::less<>> in; // variant -> its lines
        bool differs = false;
    };
    std::vector<piece> pieces_;
    std::vector<std::string> wrong_;

public:
    variants() = default;
    /// Throws content_error, @p file and line, for markers that do not fit together.
    variants(const fs::path &file, std::string_view text);

    std::string starter() const;
    std::string solution() const;
    /// Throws std::out_of_range if there is no such answer.
    std::string wrong_answer(std::string_view name) const;
    const std::vector<std::string> &wrong_names() const { return wrong_; }
    bool any() const;
    /// The lines, trimmed, that the solution has and the starter has not.
    std::vector<std::string> solution_lines() const;
};

/// A use in check.cpp that must not compile with the student's answer:
///
///     // [[must-reject NAME: SLUG]]
///     ...
///     // [[end]]
struct probe {
    std::string name;
    std::string slug; ///< of the error, or "any"
    std::string text;
    std::size_t line; ///< where it begins
};

/// check.cpp: tests for the answer, uses that it must refuse, and what happens to the unchecked
/// build on the simulated machine (`// [[machine]] ... // [[end]]`).
struct check_source {
    std::string common; ///< with empty lines where the sections were
    std::vector<probe> probes;
    std::string machine;
    std::size_t machine_line = 0;
    bool has_tests = false;

    check_source() = default;
    check_source(const fs::path &file, std::string_view text);
};

enum class kind : unsigned char { fix, implement, reject, predict, trace, review };
std::string_view name_of(kind k);

/// The step of the verdict that refuses an answer.
enum class phase : unsigned char {
    guard,   ///< the file holds what no answer may hold
    compile, ///< the answer itself does not compile
    reject,  ///< it lets a bad use through
    test,    ///< it does the wrong thing
    review,  ///< the marks are not on the guilty lines
    passed,
};
std::string_view name_of(phase p);

/// How and why an answer is refused.
struct refusal {
    phase in = phase::compile;
    std::vector<std::string> names; ///< slugs; for test and reject the name of one
    unsigned at = 0;                ///< the starter's TODO of that number stands on the line
};

struct wrong_answer {
    std::string name;
    refusal expect;
    std::string why; ///< why somebody would write it, and why it is wrong
};

/// Numbers from @p least to @p most, one drawn for each student.
struct draw {
    std::string name;
    long least, most;
};

enum class world : unsigned char { none, host, sim };

struct exercise {
    fs::path folder;
    std::string id, title, goal, group;
    lab::kind kind = kind::fix;
    unsigned points = 0, minutes = 0;
    std::vector<std::string> needs;
    refusal starts;
    std::vector<std::string> forbid, allow, define;
    lab::world world = world::none;
    bool sanitize = false;
    std::vector<wrong_answer> wrong;
    std::vector<draw> draws;
    variants source;
    check_source check;
    std::vector<std::string> hints; ///< three
    std::string why;
    std::string log; ///< log.txt, the kernel's words

    fs::path file() const { return fs::path(group) / folder.filename() / "exercise.cpp"; }
    fs::path check_file() const { return folder / "check.cpp"; }
    /// The numbers of this exercise for a seed, by name.
    std::map<std::string, long> drawn(std::uint64_t seed) const;
    /// @p text with the numbers filled in.
    std::string filled(std::string text, std::uint64_t seed) const;
};

struct group {
    std::string id, title;
};

struct course {
    fs::path folder;
    std::string title, welcome, farewell;
    std::vector<group> groups;
    std::vector<exercise> exercises; ///< in the order in which they are done
    bool complete = false;           ///< with solutions and wrong answers: not a student's copy

    const exercise *find(std::string_view id) const;
};

/// Reads and checks all of it. Throws content_error.
course load_course(const fs::path &folder);

} // namespace kctx::tools::lab
