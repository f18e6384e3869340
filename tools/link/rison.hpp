// SPDX-License-Identifier: BSL-1.0
/// @file
/// Rison: JSON as it is written in the addresses of Compiler Explorer.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace kctx::tools::link {

/// An object in rison, without its parentheses, percent-encoded; the keys sorted.
std::string to_rison(const nlohmann::json &object);

/// The object that to_rison() was given.
/// @throws std::invalid_argument that says at which character it is no rison
nlohmann::json from_rison(std::string_view text);

} // namespace kctx::tools::link
