// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the grader has found, and how it is written down.
#pragma once

#include <string>
#include <vector>

#include "text.hpp"

namespace kctx::tools::lab {

struct grade_cell {
    unsigned points = 0, of = 0;
    std::string cause;    ///< slug or step that it failed for first; empty: passed
    std::size_t line = 0; ///< of the answer
    std::string text;
    std::string code, fix; ///< that line, and what the library says to do
    double seconds = 0, cpu_seconds = 0;
};
struct student_result {
    std::string id;
    std::vector<grade_cell> cells;  ///< by exercise
    std::vector<std::string> notes; ///< what an instructor should look at
};
struct exercise_head {
    std::string id, title, group;
    unsigned points;
};
struct class_result {
    std::string title;
    std::string graded_by; ///< compiler and version
    std::vector<exercise_head> exercises;
    std::vector<student_result> students;
};

/// All files of the grader below @p out.
void write_class(const class_result &r, const fs::path &out);

std::string junit_of(const class_result &r, const std::vector<const student_result *> &students);
std::string gradescope_of(const class_result &r, const student_result &s);
std::string csv_of(const class_result &r);
std::string student_page(const class_result &r, const student_result &s);
std::string class_page(const class_result &r);

} // namespace kctx::tools::lab
