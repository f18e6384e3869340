// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where the course and the library's headers are.
#pragma once

#include "format.hpp"
#include "toolbox.hpp"

namespace kctx::tools::lab {

struct place {
    fs::path course;  ///< has course.json
    fs::path include; ///< has kctx/kctx.hpp
    fs::path project; ///< a clone that has both, or <prefix>/share/kctx
};

/// From @p wish if it is not empty, else the first project above the program or the working folder:
/// a clone, or the prefix that kctx is installed in.
/// Throws content_error.
place find_place(const fs::path &wish);

/// ~/.cache/kctx-lab, or $XDG_CACHE_HOME/kctx-lab; without a home the temporary folder's.
fs::path default_cache();

} // namespace kctx::tools::lab
