// SPDX-License-Identifier: BSL-1.0
/// @file
/// What no answer may hold: it is looked for in the text, before any compiler reads it. This keeps
/// honest people from short cuts (a token by decree, KCTX_UNCHECKED) and a submission from the
/// files, the processes and the checks that are not its own. It is no sandbox.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format.hpp"

namespace kctx::tools::lab {

/// The code of a text: comments and the insides of literals are blank, each line keeps its number,
/// lines that end in a backslash are joined to the next.
std::string code_of(std::string_view text);

struct guard_finding {
    std::size_t line;
    std::string text;
};

/// The first thing in @p answer that the exercise does not allow. What @p starter has is allowed.
std::optional<guard_finding> look_for_forbidden(const exercise &e, std::string_view starter,
                                                std::string_view answer);

} // namespace kctx::tools::lab
