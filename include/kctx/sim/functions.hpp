// SPDX-License-Identifier: BSL-1.0
/// @file
/// The shadow of a driver's own calls without a word in the driver: its file is compiled with
/// -finstrument-functions, and the program names those of its functions that a trace is to show.
/// The headers of kctx and of the standard library are not to be instrumented.
#pragma once

#include <unordered_map>

#include <kctx/sim/machine.hpp>

namespace kctx::sim {

/// The names that calls of a function show.
inline std::unordered_map<const void *, std::vector<const char *>> named_functions;

/// Calls of @p function are shown as the last of @p path. The others before it are the kernel's
/// way to it, where the driver's source goes straight.
template <class R, class... A>
void name_function(R (*function)(A...), std::vector<const char *> path)
{
    named_functions.insert_or_assign(reinterpret_cast<const void *>(function), std::move(path));
}

/// What a call of @p function shows on the machine that runs, or nullptr.
[[gnu::no_instrument_function]] inline const std::vector<const char *> *
shown_by(const void *function)
{
    // Objects of the program that are made before main() call functions, too.
    if (machine::here() == nullptr)
        return nullptr;
    const auto found = named_functions.find(function);
    return found == named_functions.end() ? nullptr : &found->second;
}

} // namespace kctx::sim
