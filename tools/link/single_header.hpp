// SPDX-License-Identifier: BSL-1.0
/// @file
/// The headers of the library as one file, for places that take one: links, slides, a mail.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kctx::tools::link {

/// What is in a file.
/// @throws std::runtime_error that names it
std::string contents(const std::filesystem::path &file);

/// What stands in the headers @p names, such as "kctx/kctx.hpp", and in all that they include, each
/// once, without comments. Lines keep their headers' names and numbers for whoever reads an error.
/// @param include  the folder that holds kctx/
/// @throws std::runtime_error that names a header which cannot be read
std::string single_header(const std::filesystem::path &include,
                          const std::vector<std::string> &names);

/// The headers of the library that @p source includes itself, as it names them: "kctx/kctx.hpp".
std::vector<std::string> included_headers(const std::string &source);

} // namespace kctx::tools::link
