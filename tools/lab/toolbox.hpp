// SPDX-License-Identifier: BSL-1.0
/// @file
/// A compiler, the library's headers, and what is compiled once for all exercises: the environment
/// behind the calls, on the host and in the simulated machine, the program around the tests, and
/// the headers that come before them.
#pragma once

#include <functional>
#include <mutex>
#include <set>
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
    static void say_on_terminal(std::string_view what);
    std::set<std::string> built_;

    fs::path built_once(const std::string &name, const std::vector<std::string> &command,
                        std::string_view what);
    fs::path object(const std::string &source, std::vector<std::string> flags,
                    std::string_view what);
    std::vector<std::string> prefix(const std::vector<std::string> &flags);
    std::vector<std::string> common_flags(const exercise &e, bool sanitize) const;
    std::vector<std::string> answers_flags(std::vector<std::string> common, const exercise &e,
                                           std::uint64_t seed) const;

public:
    /// Is told what is compiled, once, and when it is done nothing; on several threads, one at a
    /// time. By default it goes to the terminal.
    std::function<void(std::string_view)> says = say_on_terminal;
    /// What the compiler may take for one file.
    limits for_compiling{.wall_seconds = 30,
                         .cpu_seconds = 20,
                         .address_space = std::size_t{3} << 30,
                         .resident = std::size_t{1536} << 20};
    /// What a test program may take, in all.
    limits for_running{
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

    /// Compiles an answer by itself: to be followed by what is wanted of it, and the file.
    std::vector<std::string> command(const exercise &e, std::uint64_t seed) const;
    /// Makes @p program of the tests in @p unit. Throws content_error if what they are linked to
    /// does not compile.
    std::vector<std::string> test_command(const exercise &e, std::uint64_t seed,
                                          std::string_view unit, std::string_view program);
    /// Makes @p program of the scene in @p unit, unchecked, on the simulated machine.
    std::vector<std::string> machine_command(const exercise &e, std::uint64_t seed,
                                             std::string_view unit, std::string_view program);
};

/// The compilers that are installed, best for students first.
std::vector<std::string> installed_compilers();

} // namespace kctx::tools::lab
