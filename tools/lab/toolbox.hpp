// SPDX-License-Identifier: BSL-1.0
/// @file
/// A compiler, the library's headers, and what is compiled once for all exercises: the environment
/// behind the calls, on the host and in the simulated machine, and the program around the tests.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "format.hpp"
#include "process.hpp"

namespace kctx::tools::lab {

/// Something that has to be installed is not; says by which Debian package.
struct missing_tool : std::runtime_error {
    using runtime_error::runtime_error;
};

class toolbox
{
    fs::path include_, harness_, cache_;
    std::string compiler_, version_;
    std::uint64_t headers_;
    bool sanitizers_ = false;
    std::mutex building_;
    std::map<std::string, fs::path> built_;

    fs::path build(const std::string &source, const std::vector<std::string> &flags,
                   std::string_view what);

public:
    /// What the compiler may take for one file.
    static constexpr limits for_compiling{.wall_seconds = 30,
                                          .cpu_seconds = 20,
                                          .address_space = std::size_t{3} << 30,
                                          .resident = std::size_t{1536} << 20};
    /// What a test program may take, in all.
    static constexpr limits for_running{
        .wall_seconds = 10, .cpu_seconds = 8, .resident = std::size_t{512} << 20, .file = 0};

    /// @p include: the folder that has kctx/kctx.hpp; @p harness: the course's folder lab/;
    /// @p cache: where what is built is kept. Throws missing_tool.
    toolbox(fs::path include, fs::path harness, fs::path cache, std::string compiler);

    const std::string &compiler() const { return compiler_; }
    const std::string &version() const { return version_; }
    const fs::path &cache() const { return cache_; }
    bool has_sanitizers() const { return sanitizers_; }
    bool is_clang() const { return version_.find("clang") != std::string::npos; }
    /// Names compiler, library and harness: a verdict holds as long as it is the same.
    std::string identity() const;

    /// The command for an exercise, without its files.
    std::vector<std::string> command(const exercise &e, std::uint64_t seed, bool sanitize) const;
    /// What the tests of @p e are linked to. Throws content_error if it does not compile.
    std::vector<std::string> objects(const exercise &e, bool sanitize);
    /// What the unchecked build of @p e is linked to, and compiled with.
    std::vector<std::string> machine_objects(const exercise &e);
    std::vector<std::string> machine_flags() const;
};

/// The compilers that are installed, best for students first.
std::vector<std::string> installed_compilers();

} // namespace kctx::tools::lab
