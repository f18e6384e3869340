// SPDX-License-Identifier: BSL-1.0
/// @file
/// kctx lab grade: what submissions are worth. Of each only the files that are to be edited are
/// taken, as text; library, checks and flags are the instructor's. Whatever a submission does costs
/// its own points alone.
#pragma once

#include <string>

#include "format.hpp"
#include "toolbox.hpp"

namespace kctx::tools::lab {

struct grade_options {
    fs::path from; ///< one folder a student
    fs::path out;
    std::string only;
    std::string salt;
    unsigned jobs = 2;
};

struct grade_summary {
    std::size_t students = 0, exercises = 0;
    double seconds = 0, cpu_seconds_each = 0, cpu_seconds_most = 0;
};

/// Writes grades.csv, junit.xml, index.html with the map of first causes, and for each student
/// index.html, junit.xml and Gradescope's results.json.
grade_summary grade(const course &c, toolbox &tools, const grade_options &options);

} // namespace kctx::tools::lab
