// SPDX-License-Identifier: BSL-1.0
/// @file
/// The overlay: a C header of redeclarations by which clang's function effects and thread-safety
/// analysis know the contracts of unmodified kernel C.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace kctx::tools {

/// What an overlay is written for.
struct overlay_options {
    int major = 6;
    int minor = 12;
    bool rt = false;
    /// For kctx lint: every call is reported in every section, and in every function, since the
    /// contract table itself passes the verdict there.
    bool for_lint = false;
    std::set<std::string> absent;  ///< calls that the kernel at hand does not declare
    std::set<std::string> headers; ///< of those that declare calls, these alone; empty: all
};

std::string overlay_text(const overlay_options &options);

/// What the overlay made of the name of a call.
struct called_name {
    enum class mask { none, waits, atomic, unknown };
    std::string_view name;
    mask flags = mask::none;
};
/// The kernel's name for a function of the overlay: "kctx_may_sleep_kmalloc" is kmalloc.
called_name name_of_call(std::string_view function);

} // namespace kctx::tools
