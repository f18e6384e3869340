// SPDX-License-Identifier: BSL-1.0
// The compiler: the overlay, compiled once, and files that are read with it.
#include "lint.hpp"
#include "overlay.hpp"

#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kctx::tools::lint {
namespace {

namespace fs = std::filesystem;

/// Runs a program; returns what it says on its standard error.
std::string run(const std::vector<std::string> &command, int &status)
{
    std::vector<char *> argv;
    argv.reserve(command.size() + 1);
    for (const std::string &word : command)
        argv.push_back(const_cast<char *>(word.c_str()));
    argv.push_back(nullptr);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error("cannot make a pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    pid_t child = 0;
    const int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed != 0) {
        close(ends[0]);
        throw std::runtime_error("cannot run " + command[0]);
    }
    std::string said;
    char buffer[65536];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR);)
        said.append(buffer, n > 0 ? static_cast<std::size_t>(n) : 0);
    close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return said;
}

std::string how_it_ended(int status)
{
    return WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : std::to_string(WEXITSTATUS(status));
}

} // namespace

compiler::compiler(std::string program, const kernel_build &build)
    : program_(std::move(program)), build_(build)
{
    std::string name = (fs::temp_directory_path() / "kctx-lint-XXXXXX").string();
    if (!mkdtemp(name.data()))
        throw std::runtime_error("cannot make a directory in " +
                                 fs::temp_directory_path().string());
    scratch_ = name;
    const auto began = std::chrono::steady_clock::now();
    try {
        overlay_ = prepare({});
    } catch (...) {
        fs::remove_all(scratch_);
        throw;
    }
    overlay_seconds_ =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

/// Compiles an overlay of some headers, or all. What the kernel does not declare is left out: clang
/// says so.
std::string compiler::prepare(const std::set<std::string> &headers) const
{
    const std::string text = new_name("overlay.h");
    const std::string compiled = text + ".pch";
    overlay_options options{build_.major, build_.minor, true, true, {}, headers};
    std::vector<std::string> command{program_};
    command.insert(command.end(), build_.flags.begin(), build_.flags.end());
    for (const char *const word :
         {"-ferror-limit=0", "-fno-caret-diagnostics", "-x", "c-header", "-o"})
        command.emplace_back(word);
    command.push_back(compiled);
    command.push_back(text);
    for (int attempt = 0;; ++attempt) {
        std::ofstream(text) << overlay_text(options);
        int status = 0;
        const std::string said = run(command, status);
        if (status == 0)
            return compiled;
        constexpr std::string_view undeclared = "undeclared identifier '";
        bool learned = false;
        for (std::size_t at = 0; (at = said.find(undeclared, at)) != said.npos;) {
            at += undeclared.size();
            learned =
                options.absent.insert(said.substr(at, said.find('\'', at) - at)).second || learned;
        }
        if (!learned || attempt == 3)
            throw std::runtime_error("the headers of " + build_.directory +
                                     " do not compile with " + program_ + ":\n" +
                                     said.substr(0, 2000));
    }
}

/// A file of the scratch directory that no other job has.
std::string compiler::new_name(const char *ending) const
{
    return scratch_ + "/" + std::to_string(++files_) + "-" + ending;
}

compiler::~compiler()
{
    std::error_code ignored;
    fs::remove_all(scratch_, ignored);
}

facts compiler::read(const std::string &path, const source &text,
                     const std::vector<std::string> &more_flags) const
{
    facts known = read_with(overlay_, path, text, more_flags);
    // A header that the file does without may have names of its own for the same.
    if (!known.errors.empty() && known.errors[0].find("file not found") == std::string::npos) {
        try {
            facts alone = read_with(prepare(headers_of(path, more_flags)), path, text, more_flags);
            if (alone.errors.size() < known.errors.size())
                return alone;
        } catch (const std::runtime_error &) {
            return known; // its own headers do not go together
        }
    }
    return known;
}

/// The headers of the overlay that a file includes itself.
std::set<std::string> compiler::headers_of(const std::string &path,
                                           const std::vector<std::string> &more_flags) const
{
    const std::string list = new_name("headers");
    std::vector<std::string> command{program_};
    command.insert(command.end(), build_.flags.begin(), build_.flags.end());
    command.insert(command.end(), more_flags.begin(), more_flags.end());
    command.insert(command.end(), {"-M", "-MF", list, path});
    int status = 0;
    const std::string said = run(command, status);
    if (status != 0)
        throw std::runtime_error(said);
    std::set<std::string> headers{"linux/kernel.h", "linux/spinlock.h", "linux/slab.h"};
    for (const std::string &word : words_of(text_of_file(list))) {
        const std::size_t at = word.rfind("/include/");
        if (at != word.npos)
            headers.insert(word.substr(at + 9));
    }
    return headers;
}

facts compiler::read_with(const std::string &overlay, const std::string &path, const source &text,
                          const std::vector<std::string> &more_flags) const
{
    const std::string name = fs::weakly_canonical(path).string();
    const std::string copy = new_name("file.c");
    std::vector<std::string> command{program_};
    for (std::size_t i = 0; i < build_.flags.size(); ++i) {
        if (build_.flags[i] == "-include")
            ++i; // they are in the overlay
        else
            command.push_back(build_.flags[i]);
    }
    command.insert(command.end(), more_flags.begin(), more_flags.end());
    for (const char *const word :
         {"-Wthread-safety-analysis", "-Wfunction-effects", "-fno-caret-diagnostics",
          "-fmacro-backtrace-limit=0", "-ferror-limit=20", "-fsyntax-only", "-include-pch"})
        command.emplace_back(word);
    command.push_back(overlay);
    command.push_back("-iquote" + fs::path(name).parent_path().string());
    command.push_back(copy);

    // A name that the file uses for something of its own is no call of the kernel's.
    std::set<std::string> undefined;
    facts known;
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::ofstream(copy) << text.marked(name, undefined);
        int status = 0;
        const std::string said = run(command, status);
        known = facts{text.functions(), {}};
        read_diagnostics(said, name, known);
        if (status != 0 && known.errors.empty())
            known.errors.push_back(path + ": " + program_ + " ended with status " +
                                   how_it_ended(status) + ", and said nothing of it");
        std::size_t before = undefined.size();
        for (const std::string &error : known.errors) {
            for (std::size_t at = 0; (at = error.find("kctx_", at)) != error.npos; ++at) {
                std::size_t end = at;
                while (std::isalnum(static_cast<unsigned char>(error[end])) != 0 ||
                       error[end] == '_')
                    ++end;
                undefined.emplace(name_of_call(std::string_view(error).substr(at, end - at)).name);
            }
        }
        if (undefined.size() == before)
            break;
    }
    return known;
}

} // namespace kctx::tools::lint
