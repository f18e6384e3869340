// SPDX-License-Identifier: BSL-1.0
/// @file
/// kctx lab verify: whether a course keeps its word.
#pragma once

#include <functional>

#include "format.hpp"
#include "toolbox.hpp"

namespace kctx::tools::lab {

struct verify_options {
    unsigned jobs = 2;
    std::string only;     ///< exercises whose id or group begins with it
    bool sample = false;  ///< of each sort of exercise the first
    bool machine = false; ///< what the unchecked builds do on the simulated machine, too
    bool remember = true; ///< what held before, with the same compiler and files, holds
};

struct verify_result {
    std::size_t exercises = 0, wrong_answers = 0, rejected = 0, accepted = 0;
    std::size_t remembered = 0, on_machine = 0;
    std::vector<std::string> complaints;
};

/// Each starter fails in the stated phase, for the stated reason, on the marked line; each solution
/// passes without a warning; each wrong answer fails for its reason; no hint holds a line of the
/// solution.
verify_result verify(const course &c, toolbox &tools, const verify_options &options);

/// The lines of solutions and wrong answers that a text must not hold.
std::vector<std::string> secret_lines(const exercise &e);
/// What in the files below @p folder a student should not have.
std::vector<std::string> leaks_in(const fs::path &folder, const course &c);

/// Calls @p work(i) for all i below @p n, @p jobs at a time; the first exception comes out, or
/// interrupted.
void in_parallel(std::size_t n, unsigned jobs, const std::function<void(std::size_t)> &work);

} // namespace kctx::tools::lab
