// SPDX-License-Identifier: BSL-1.0
/// @file
/// The subcommands of the kctx program. Each adds itself, and sets the exit status when it has run.
#pragma once

#include <CLI/App.hpp>

#include <string>

namespace kctx::tools {

/// Exit statuses that all subcommands share.
enum exit_status : int {
    done = 0,
    nothing_found = 1, ///< the input is readable and has nothing for this command
    unusable = 2,      ///< bad arguments, or input that cannot be read
};

/// What kctx --version says: the version, what the program was built with, and without.
std::string version_text();

/// kctx explain (also called decode): kernel logs, from the report to the cause.
void add_explain(CLI::App &program, int &status);
/// kctx link and kctx header: code with all that it includes, for Compiler Explorer.
void add_link(CLI::App &program, int &status);
/// kctx lab: exercises, their checks and their grader.
void add_lab(CLI::App &program, int &status);
/// kctx matrix: the verdicts on all calls in all contexts. It needs Boost.Hana, and is left out of
/// a program that was built without.
void add_matrix(CLI::App &program, int &status);
/// kctx overlay: the contracts as a C header for unmodified kernel code. As kctx matrix.
void add_overlay(CLI::App &program, int &status);
/// kctx lint: unmodified kernel code held to the contracts, by clang. As kctx matrix.
void add_lint(CLI::App &program, int &status);
/// kctx review: a driver written with kctx, as a report. As kctx matrix.
void add_review(CLI::App &program, int &status);

/// kctx replay: recorded page allocator traces in the model. It needs zlib, and is left out of a
/// program that was built without.
void add_replay(CLI::App &program, int &status);
/// kctx mm: a script of requests to the page allocator model.
void add_mm(CLI::App &program, int &status);

/// kctx manual: the manual pages of all the others, for who packs the program. Not in the help.
void add_manual(CLI::App &program, int &status);

} // namespace kctx::tools
