// SPDX-License-Identifier: BSL-1.0
#include "toolbox.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace kctx::tools::lab {
namespace {

constexpr std::string_view warnings[] = {"-Wall", "-Wextra", "-Wshadow", "-Wconversion",
                                         "-Werror=unused-result"};
constexpr std::string_view sanitizer_flags[] = {"-fsanitize=address,undefined",
                                                "-fno-sanitize-recover=undefined"};

std::string first_line(std::string_view text)
{
    return std::string(text.substr(0, text.find('\n')));
}

template <class Flags = std::initializer_list<std::string_view>>
void append(std::vector<std::string> &to, const Flags &more)
{
    to.insert(to.end(), std::begin(more), std::end(more));
}

void add_once(std::vector<std::string> &to, const char *flag)
{
    if (std::ranges::find(to, flag) == to.end())
        to.emplace_back(flag);
}

std::string version_of(const std::string &compiler)
{
    const finished run = run_limited({compiler, "--version"}, {.wall_seconds = 20});
    return run.success() ? first_line(run.output) : "";
}

} // namespace

std::vector<std::string> installed_compilers()
{
    std::vector<std::string> found;
    for (const char *name :
         {"g++-12", "g++-13", "g++-14", "clang++-14", "clang++-19", "clang++-22", "g++", "clang++"})
        if (!version_of(name).empty())
            found.emplace_back(name);
    return found;
}

toolbox::toolbox(fs::path include, fs::path harness, fs::path cache, std::string compiler)
    : include_(std::move(include)), harness_(std::move(harness)), cache_(std::move(cache)),
      compiler_(std::move(compiler))
{
    if (compiler_.empty()) {
        const auto found = installed_compilers();
        if (found.empty())
            throw missing_tool("no C++ compiler: apt-get install g++-12");
        compiler_ = found.front();
    }
    version_ = version_of(compiler_);
    if (version_.empty()) {
        std::string package = compiler_;
        if (package.starts_with("clang++"))
            package.erase(5, 2);
        throw missing_tool("there is no " + compiler_ + ": apt-get install " + package);
    }
    for (const fs::path &file : {include_ / "kctx/kctx.hpp", harness_ / "lab.hpp"})
        if (!fs::exists(file))
            throw content_error(file, 0, "is not there");
    headers_ = hash_of_tree(harness_) ^ hash_of_tree(include_ / "kctx");
    fs::create_directories(cache_);

    // Debian's clang has its sanitizers in a package of its own, which may not be there.
    const fs::path known = cache_ / ("has-sanitizers-" + hex(hash_of(compiler_ + version_)));
    sanitizers_ = fs::exists(known);
    if (!sanitizers_) {
        const scratch_folder scratch;
        write_file(scratch.path() / "a.cpp", "int main() { return 0; }\n");
        std::vector<std::string> line = {compiler_, "-std=c++20", "a.cpp", "-o", "a"};
        append(line, sanitizer_flags);
        sanitizers_ = run_limited(line, {}, {}, scratch.path()).success() &&
                      run_limited({"./a"}, {}, {}, scratch.path()).success();
        if (sanitizers_) // who has none may install them
            write_file(known, "");
    }
}

std::string toolbox::identity() const
{
    return hex(hash_of(compiler_ + version_ + (sanitizers_ ? "s" : ""), headers_));
}

/// What the library's objects, the tests and the headers before them must have in common.
std::vector<std::string> toolbox::common_flags(const exercise &e, bool sanitize) const
{
    std::vector<std::string> flags = {compiler_, "-std=c++20", "-pthread", "-I" + include_.string(),
                                      "-I" + harness_.string()};
    for (const std::string &d : e.define)
        flags.push_back("-D" + d);
    if (sanitize && sanitizers_)
        append(flags, sanitizer_flags);
    return flags;
}

/// What an answer and its tests are compiled with beyond that.
std::vector<std::string> toolbox::answers_flags(std::vector<std::string> common, const exercise &e,
                                                std::uint64_t seed) const
{
    append(common, warnings);
    if (is_clang()) // what an answer defines, the checks use
        append(common, {"-ferror-limit=20", "-Wno-unused-const-variable"});
    else
        common.emplace_back("-fmax-errors=20");
    for (const auto &[name, number] : e.drawn(seed))
        common.push_back("-DLAB_" + replaced(name, "-", "_") + "=" + std::to_string(number));
    return common;
}

std::vector<std::string> toolbox::command(const exercise &e, std::uint64_t seed) const
{
    return answers_flags(common_flags(e, false), e, seed);
}

/// Of the cache, what nobody has used for a month: each version of the library leaves some.
static void remove_old_files(const fs::path &cache)
{
    const auto old = fs::file_time_type::clock::now() - std::chrono::days(30);
    std::error_code none; // another program may do the same
    std::vector<fs::path> found;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(cache, none))
        if (entry.is_regular_file(none) && entry.last_write_time(none) < old)
            found.push_back(entry.path());
    for (const fs::path &file : found)
        fs::remove(file, none);
}

/// The file @p name of the cache, which @p command, followed by -o and a name, makes unless that
/// was done before.
fs::path toolbox::built_once(const std::string &name, const std::vector<std::string> &command,
                             std::string_view what)
{
    const std::lock_guard held(building_);
    const fs::path file = cache_ / name;
    if (built_.contains(name))
        return file;
    if (fs::exists(file)) {
        fs::last_write_time(file, fs::file_time_type::clock::now()); // it is in use
    } else {
        says("compiling " + std::string(what) + " with " + compiler_ + ", once");
        const fs::path partial = file.string() + "." + std::to_string(getpid());
        fs::create_directories(file.parent_path());
        remove_old_files(cache_);
        std::vector<std::string> line = command;
        append(line, {"-o", partial.string()});
        limits long_ones;
        long_ones.wall_seconds = 300;
        long_ones.cpu_seconds = 120;
        long_ones.resident = std::size_t{3} << 30;
        finished run;
        try {
            run = run_limited(line, long_ones);
        } catch (const interrupted &) {
            fs::remove(partial);
            throw;
        }
        says("");
        if (!run.success())
            throw content_error(harness_, 0,
                                std::string(what) + " does not compile (" +
                                    run.in_words(long_ones) + "):\n" + run.output.substr(0, 4000));
        fs::rename(partial, file);
    }
    built_.insert(name);
    return file;
}

void toolbox::say_on_terminal(std::string_view what)
{
    if (isatty(STDERR_FILENO) != 0)
        std::fprintf(stderr, "\r\033[K%.*s%s", static_cast<int>(what.size()), what.data(),
                     what.empty() ? "" : " ...\r");
}

fs::path toolbox::object(const std::string &source, std::vector<std::string> flags,
                         std::string_view what)
{
    const std::string name = source + "-" + hex(hash_of(join(flags, " ") + identity())) + ".o";
    append(flags, {"-O0", "-c", (harness_ / source).string()});
    return built_once(name, flags, what);
}

/// The headers that stand before an answer and its tests, compiled once for @p flags: what makes
/// the compiler start with them.
std::vector<std::string> toolbox::prefix(const std::vector<std::string> &flags)
{
    const std::string folder = "prefix-" + hex(hash_of(join(flags, " ") + identity()));
    const fs::path header = cache_ / folder / "prefix.hpp";
    {
        const std::lock_guard held(building_);
        if (!fs::exists(header))
            write_file(header, "#include \"lab.hpp\"\n#include <kctx/kctx.hpp>\n");
    }
    std::vector<std::string> line = flags;
    append(line, {"-O0", "-x", "c++-header", header.string()});
    if (!is_clang()) { // finds prefix.hpp.gch by itself
        built_once(folder + "/prefix.hpp.gch", line, "the library's headers");
        return {"-include", header.string()};
    }
    // What counts is the text of the headers, not when they were copied to where they are.
    constexpr const char *by_content = "-fpch-validate-input-files-content";
    line.emplace_back(by_content);
    const fs::path file = built_once(folder + "/prefix.pch", line, "the library's headers");
    return {by_content, "-include-pch", file.string()};
}

std::vector<std::string> toolbox::test_command(const exercise &e, std::uint64_t seed,
                                               std::string_view unit, std::string_view program)
{
    std::vector<std::string> flags = common_flags(e, e.sanitize), objects;
    objects.push_back(
        object("main.cpp", common_flags({}, e.sanitize), "the program around the tests"));
    if (e.world == world::host) {
        objects.push_back(object("host.cpp", flags, "the environment behind the calls"));
        flags.emplace_back("-DLAB_HOST");
    } else if (e.world == world::sim) {
        add_once(flags, "-DKCTX_UNCHECKED");
        objects.push_back(object("sim.cpp", flags, "the simulated machine"));
        objects.emplace_back("-lboost_context");
        flags.emplace_back("-DLAB_SIM");
    }
    std::vector<std::string> line = answers_flags(flags, e, seed);
    append(line, prefix(flags));
    append(line, {"-O0", "-o", std::string(program), std::string(unit)});
    append(line, objects);
    return line;
}

std::vector<std::string> toolbox::machine_command(const exercise &e, std::uint64_t seed,
                                                  std::string_view unit, std::string_view program)
{
    // The scene says of which version the machine is: what the exercise defines is for the
    // compiler, and one machine does for all.
    std::vector<std::string> flags = common_flags({}, false);
    add_once(flags, "-DKCTX_UNCHECKED");
    const fs::path sim = object("sim.cpp", flags, "the simulated machine");
    std::vector<std::string> line = answers_flags(flags, e, seed);
    append(line, {"-DLAB_MACHINE", "-w", "-Wno-error", "-O0", "-finstrument-functions"});
    if (!is_clang())
        line.emplace_back(
            "-finstrument-functions-exclude-file-list=/usr/include/,/usr/lib/,/include/kctx/");
    append(line, {"-o", std::string(program), std::string(unit), sim.string(), "-lboost_context"});
    return line;
}

} // namespace kctx::tools::lab
