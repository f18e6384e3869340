// SPDX-License-Identifier: BSL-1.0
/// @file
/// The course for others: for students without solutions, for Gradescope with them; and the
/// beginning of a new exercise.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "format.hpp"
#include "place.hpp"

namespace kctx::tools::lab {

using packed_files = std::vector<std::pair<std::string, std::string>>; ///< name, content

/// The course as students get it: starters, checks, hints; no solution, wrong answer or why.md.
/// With the library's headers.
packed_files student_files(const place &p, const course &c);
/// Everything that a grader on another machine is built from.
packed_files grader_files(const place &p, const course &c);

/// A zip archive of files, not compressed; names that end in .sh, or are run_autograder, may be
/// executed.
std::string zip_of(const packed_files &files);

/// Packs for @p whom: "students" (a folder), "zip" (the same, one file), "gradescope". Returns what
/// to say about it. Throws std::runtime_error if @p out is there already.
std::string pack(const place &p, const course &c, std::string_view whom, const fs::path &out);

/// Writes the files of a new exercise GROUP/NAME, each with what is to be filled in. Returns what
/// to say about it.
std::string make_exercise(const fs::path &course_folder, const std::string &target,
                          const std::string &kind);

} // namespace kctx::tools::lab
