// SPDX-License-Identifier: BSL-1.0
/// @file
/// The shadow of a driver's own calls without a word in the driver: its file is compiled with
/// -finstrument-functions, and the program names those of its functions that a trace is to show.
#pragma once

#include <unordered_map>

#include <kctx/sim/machine.hpp>

namespace kctx::sim {

struct named_functions {
    std::unordered_map<const void *, std::vector<const char *>> paths;
    bool looking = false; ///< what looks a function up may itself be instrumented
};
inline named_functions functions;

/// Calls of @p function are shown as the last of @p path. The others before it are the kernel's
/// way to it, where the driver's source goes straight.
template <class R, class... A>
void name_function(R (*function)(A...), std::vector<const char *> path)
{
    functions.paths.insert_or_assign(reinterpret_cast<const void *>(function), std::move(path));
}

/// The names that a call of @p function shows on the machine that runs, or nullptr.
[[gnu::no_instrument_function]] inline const std::vector<const char *> *
shown_path(const void *function)
{
    if (functions.looking)
        return nullptr;
    functions.looking = true;
    const auto found = functions.paths.find(function);
    const bool shown = machine::here() != nullptr && found != functions.paths.end();
    const auto *path = shown ? &found->second : nullptr;
    functions.looking = false;
    return path;
}

} // namespace kctx::sim
