// SPDX-License-Identifier: BSL-1.0
/// @file
/// The verdict on an answer: guards, compiler, uses that must be refused, tests; the first of them
/// that refuses it ends it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format.hpp"
#include "toolbox.hpp"

namespace kctx::tools::lab {

struct cause {
    phase in = phase::compile;
    std::string name;     ///< slug; of a test or a must-reject use its name; "c++" if it is neither
    std::size_t line = 0; ///< in the answer; 0: not of one line
    std::string text;     ///< what is wrong
    std::string fix;      ///< what the library says to do, if it says so
};

struct verdict {
    std::vector<cause> causes; ///< none: passed
    std::vector<cause> warnings;
    std::string raw; ///< what the compiler or the program printed
    double seconds = 0, cpu_seconds = 0;

    bool passed() const { return causes.empty(); }
};

/// What a compiler says of @p file (the name by which it knows it): errors, or warnings.
std::vector<cause> errors_in(std::string_view output, std::string_view file,
                             std::string_view severity = "error");

/// @p warnings_refuse: of a teacher's solution, warnings are errors.
verdict judge(const exercise &e, std::string_view answer, std::uint64_t seed, toolbox &tools,
              bool warnings_refuse = false);

/// Runs the answer, unchecked, on the simulated machine: its log, or why there is none.
struct machine_run {
    bool ran = false;
    std::string log;
};
machine_run run_on_machine(const exercise &e, std::string_view answer, std::uint64_t seed,
                           toolbox &tools);

} // namespace kctx::tools::lab
