// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where the library's headers are.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace kctx::tools {

/// The folder that holds kctx/: as told, or where the program was built or installed.
/// @throws std::runtime_error if there is none
inline std::filesystem::path include_folder(const std::string &told)
{
    namespace fs = std::filesystem;
    const char *const header = "kctx/kctx.hpp";
    if (!told.empty()) {
        if (!fs::exists(fs::path(told) / header))
            throw std::runtime_error(told + ": there is no kctx/kctx.hpp in it");
        return told;
    }
    std::error_code none;
    for (fs::path p = fs::read_symlink("/proc/self/exe", none); p.has_relative_path();
         p = p.parent_path()) {
        if (fs::exists(p / "include" / header))
            return p / "include";
    }
    throw std::runtime_error("where are the headers? Say it with --include FOLDER");
}

} // namespace kctx::tools
