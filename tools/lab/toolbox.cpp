// SPDX-License-Identifier: BSL-1.0
#include "toolbox.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace kctx::tools::lab {
namespace {

const std::vector<std::string> warnings = {"-Wall", "-Wextra", "-Wshadow", "-Wconversion",
                                           "-Werror=unused-result"};
const std::vector<std::string> sanitizer_flags = {"-fsanitize=address,undefined",
                                                  "-fno-sanitize-recover=undefined"};

std::string first_line(std::string_view text)
{
    return std::string(text.substr(0, text.find('\n')));
}

void append(std::vector<std::string> &to, const std::vector<std::string> &more)
{
    to.insert(to.end(), more.begin(), more.end());
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
    const fs::path known = cache_ / ("sanitizers-" + hex(hash_of(compiler_ + version_)));
    if (!fs::exists(known)) {
        const scratch_folder scratch;
        write_file(scratch.path() / "a.cpp", "int main() { return 0; }\n");
        std::vector<std::string> line = {compiler_, "-std=c++20", "a.cpp", "-o", "a"};
        append(line, sanitizer_flags);
        const bool works = run_limited(line, {}, {}, scratch.path()).success() &&
                           run_limited({"./a"}, {}, {}, scratch.path()).success();
        write_file(known, works ? "yes\n" : "no\n");
    }
    sanitizers_ = read_file(known) == "yes\n";
}

std::string toolbox::identity() const
{
    return hex(hash_of(compiler_ + version_ + (sanitizers_ ? "s" : ""), headers_));
}

std::vector<std::string> toolbox::command(const exercise &e, std::uint64_t seed,
                                          bool sanitize) const
{
    std::vector<std::string> line = {compiler_, "-std=c++20", "-fdiagnostics-color=never",
                                     "-I" + include_.string(), "-I" + harness_.string()};
    append(line, warnings);
    if (is_clang()) // what an answer defines, the checks use
        append(line, {"-ferror-limit=20", "-Wno-unused-const-variable"});
    else
        line.emplace_back("-fmax-errors=20");
    for (const std::string &d : e.define)
        line.push_back("-D" + d);
    for (const auto &[name, number] : e.drawn(seed))
        line.push_back("-DLAB_" + replaced(name, "-", "_") + "=" + std::to_string(number));
    if (sanitize && sanitizers_)
        append(line, sanitizer_flags);
    return line;
}

/// Compiles @p source of the harness with @p flags unless that was done before.
fs::path toolbox::build(const std::string &source, const std::vector<std::string> &flags,
                        std::string_view what)
{
    const std::lock_guard held(building_);
    const std::string name = source + "-" + hex(hash_of(join(flags, " ") + identity())) + ".o";
    const auto at = built_.find(name);
    if (at != built_.end())
        return at->second;
    fs::path object = cache_ / name;
    if (!fs::exists(object)) {
        if (isatty(STDERR_FILENO) != 0)
            std::fprintf(stderr, "\r\033[Kcompiling %.*s with %s, once ...\r",
                         static_cast<int>(what.size()), what.data(), compiler_.c_str());
        const fs::path partial = object.string() + "." + std::to_string(getpid());
        std::vector<std::string> line = flags;
        append(line, {"-c", (harness_ / source).string(), "-o", partial.string()});
        limits long_ones = for_compiling;
        long_ones.wall_seconds = 300;
        long_ones.cpu_seconds = 120;
        const finished run = run_limited(line, long_ones);
        if (isatty(STDERR_FILENO) != 0)
            std::fputs("\r\033[K", stderr);
        if (!run.success())
            throw content_error(harness_ / source, 0,
                                "does not compile (" + run.in_words(long_ones) + "):\n" +
                                    run.output.substr(0, 4000));
        fs::rename(partial, object);
    }
    return built_[name] = object;
}

std::vector<std::string> toolbox::objects(const exercise &e, bool sanitize)
{
    std::vector<std::string> flags = {compiler_, "-std=c++20", "-O1", "-I" + include_.string(),
                                      "-I" + harness_.string()};
    for (const std::string &d : e.define)
        flags.push_back("-D" + d);
    if (sanitize && sanitizers_)
        append(flags, sanitizer_flags);
    std::vector<std::string> found;
    std::vector<std::string> plain = flags;
    std::erase_if(plain, [](const std::string &f) { return f.starts_with("-D"); });
    found.push_back(build("main.cpp", plain, "the program around the tests"));
    if (e.world == world::host)
        found.push_back(build("host.cpp", flags, "the environment behind the calls"));
    if (e.world == world::sim) {
        flags.emplace_back("-DKCTX_UNCHECKED");
        found.push_back(build("sim.cpp", flags, "the simulated machine"));
        found.emplace_back("-lboost_context");
    }
    found.emplace_back("-pthread");
    return found;
}

std::vector<std::string> toolbox::machine_flags() const
{
    return {"-DKCTX_UNCHECKED", "-DLAB_MACHINE"};
}

std::vector<std::string> toolbox::machine_objects(const exercise &e)
{
    std::vector<std::string> flags = {compiler_, "-std=c++20", "-O1", "-I" + include_.string(),
                                      "-I" + harness_.string()};
    for (const std::string &d : e.define)
        flags.push_back("-D" + d);
    append(flags, machine_flags());
    return {build("sim.cpp", flags, "the simulated machine").string(), "-lboost_context",
            "-pthread"};
}

} // namespace kctx::tools::lab
