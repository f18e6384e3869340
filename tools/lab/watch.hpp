// SPDX-License-Identifier: BSL-1.0
/// @file
/// kctx lab: one exercise on the screen, checked whenever its file changes. It looks at the file
/// three times a second, which works on every file system, and never goes on by itself.
#pragma once

#include <string>

#include "screen.hpp"

namespace kctx::tools::lab {

/// Until q or Ctrl-C. Without a terminal, or @p once, it checks the current exercise once. Whether
/// that has passed.
bool watch(tree &files, const course &c, toolbox &tools, bool ascii, bool once);

/// The exercises, by group, and where each stands.
std::string list_in_words(const course &c, const tree &files, const toolbox &tools, const look &l);

/// One screen: what it shows is in its arguments alone.
struct screen_state {
    const exercise *current = nullptr;
    std::string file;
    bool checked = false, checking = false;
    std::string building; ///< what is compiled once, before the check
    verdict last;
    std::string extra;    ///< below the verdict: hints, a list, a log
    bool instead = false; ///< of the verdict
    std::size_t page = 0; ///< of the verdict and that, where they do not fit
    std::size_t number = 0, all = 0, passed = 0;
    standing stands = standing::not_begun;
};
std::string screen_of(const screen_state &s, const look &l);

} // namespace kctx::tools::lab
