// SPDX-License-Identifier: BSL-1.0
/// @file
/// How the lab looks: colours, signs and widths, and a verdict in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format.hpp"
#include "judge.hpp"
#include "tree.hpp"

namespace kctx::tools::lab {

struct look {
    bool color = false;
    bool ascii = false;
    unsigned columns = 80; ///< 60 to 200
    unsigned rows = 24;

    /// Of what @p fd is: no terminal, no colour; NO_COLOR and TERM=dumb are heeded.
    static look of(int fd, bool want_ascii);

    std::string paint(std::string_view code, std::string_view text) const;
    std::string good(std::string_view text) const { return paint("32", text); }
    std::string bad(std::string_view text) const { return paint("31", text); }
    std::string strong(std::string_view text) const { return paint("1", text); }
    std::string faint(std::string_view text) const { return paint("2", text); }
    std::string_view sign(standing s) const;
    std::string bar(std::size_t done, std::size_t all) const;
};

/// Characters that @p text takes on a terminal.
std::size_t width_of(std::string_view text);
/// In lines of at most @p columns; @p indent before all of them but the first.
std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent = "");

/// The lines of @p text, those that are wider cut into several: addresses, code, compilers' words.
std::vector<std::string> folded(std::string_view text, std::size_t columns);

/// "gfp-may-sleep exercise.cpp:19: kmalloc() may sleep ...": the first cause, and how many more.
std::string verdict_in_words(const verdict &v, const look &l, bool all = false);

} // namespace kctx::tools::lab
