// SPDX-License-Identifier: BSL-1.0
/// @file
/// The rules in words: docs/rules/SLUG.md, beside the course.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format.hpp"

namespace kctx::tools::lab {

std::vector<std::string> rule_names(const fs::path &course_folder);
/// The rule, where the kernel has it, and the exercises about it. Empty if there is no such rule.
std::string explain_rule(const fs::path &course_folder, std::string_view slug, const course &c);

} // namespace kctx::tools::lab
