// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a link to Compiler Explorer holds, and the links themselves: nothing is stored anywhere,
/// all of it is behind the # of the address, which a browser keeps to itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kctx::tools::link {

struct source_file {
    std::string name;
    std::string text;
    bool operator==(const source_file &) const = default;
};

/// Files, the first of which is compiled and shown, and how.
struct session {
    std::vector<source_file> files;
    std::string compiler; ///< by its id there: g122, clang1400, clang2210
    std::string options;
    bool runs = false; ///< shows what the program prints, not only what the compiler says
    bool operator==(const session &) const = default;
};

/// The file that is compiled; Compiler Explorer takes no other name for it.
inline constexpr std::string_view main_file = "example.cpp";

/// The address, https://godbolt.org/#z:...
/// @throws std::invalid_argument if it had more than 900,000 characters, which browsers cut
std::string to_link(const session &s);

/// The session of an address, with or without what stands before the #.
/// @throws std::invalid_argument that says what about it cannot be read
session from_link(std::string_view link);

} // namespace kctx::tools::link
