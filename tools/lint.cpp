// SPDX-License-Identifier: BSL-1.0
// kctx lint: unmodified kernel C held to the contract table.
#include "lint.hpp"
#include "commands.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include <unistd.h>

namespace kctx::tools {
namespace {

namespace fs = std::filesystem;
using lint::result;

struct arguments {
    std::vector<std::string> files;
    std::string kdir;
    std::string compile_commands;
    std::string clang = "clang-22";
    std::string format = "text";
    bool state_rules = false;
    bool unknown = false;
};

std::string contents(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

/// A file to read, and the flags that its build gives beside the kernel's.
struct job {
    std::string path;
    std::optional<std::vector<std::string>> flags;
};

/// "savedcmd_drivers/x/y.o := gcc -I… -c -o … y.c": what Kbuild leaves beside an object.
job from_cmd_file(const fs::path &path)
{
    const std::string text = contents(path);
    std::istringstream lines(text);
    job found;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t value = line.find(" := ");
        if (value == line.npos)
            continue;
        if (line.starts_with("source_"))
            found.path = line.substr(value + 4);
        else if (line.starts_with("cmd_") || line.starts_with("savedcmd_"))
            found.flags = lint::usable_flags(std::string_view(line).substr(value + 4), ".");
    }
    if (found.path.empty())
        throw std::runtime_error(path.string() + " names no source: it is no .cmd file of Kbuild");
    return found;
}

void from_compile_commands(const std::string &path, const std::vector<std::string> &wanted,
                           std::vector<job> &jobs)
{
    nlohmann::json list;
    try {
        list = nlohmann::json::parse(contents(path));
        for (const auto &entry : list) {
            const std::string directory = entry.at("directory");
            const std::string file =
                fs::weakly_canonical(fs::path(directory) / std::string(entry.at("file"))).string();
            const bool chosen =
                wanted.empty() || std::ranges::any_of(wanted, [&file](const std::string &name) {
                    return fs::weakly_canonical(name).string() == file;
                });
            if (!chosen || !file.ends_with(".c"))
                continue;
            std::string command = entry.value("command", "");
            for (const auto &word : entry.value("arguments", std::vector<std::string>()))
                command += " '" + word + "'";
            jobs.push_back({file, lint::usable_flags(command, directory)});
        }
    } catch (const nlohmann::json::exception &e) {
        throw std::runtime_error(path + " is no compile_commands.json: " + e.what());
    }
}

result read(const lint::compiler &clang, const job &work, const lint::rule_choice &choice)
{
    const auto began = std::chrono::steady_clock::now();
    const lint::source text(contents(work.path));
    lint::facts known =
        clang.read(work.path, text, work.flags ? *work.flags : lint::makefile_flags(work.path));
    result r;
    r.path = work.path;
    r.found = lint::judge(known, text, choice);
    r.errors = std::move(known.errors);
    r.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return r;
}

int run(const arguments &args)
{
    std::vector<job> jobs;
    if (!args.compile_commands.empty()) {
        from_compile_commands(args.compile_commands, args.files, jobs);
    } else {
        for (const std::string &file : args.files)
            jobs.push_back(file.ends_with(".cmd") ? from_cmd_file(file) : job{file, {}});
    }
    if (jobs.empty()) {
        std::fputs("kctx lint: no file of C to read\n", stderr);
        return unusable;
    }
    const lint::compiler clang(args.clang, lint::read_build(args.kdir));
    const bool shows_progress = isatty(STDERR_FILENO) != 0;
    std::vector<result> results;
    std::set<std::string> unknown;
    bool found = false;
    for (const job &work : jobs) {
        if (shows_progress)
            std::fprintf(stderr, "\r\033[K%zu/%zu %s", results.size() + 1, jobs.size(),
                         work.path.c_str());
        results.push_back(read(clang, work, {args.state_rules}));
        found = found || !results.back().found.reports.empty();
        unknown.insert(results.back().found.unknown.begin(), results.back().found.unknown.end());
    }
    if (shows_progress)
        std::fputs("\r\033[K", stderr);
    lint::print(results, args.format == "json"    ? lint::format::json
                         : args.format == "sarif" ? lint::format::sarif
                                                  : lint::format::text);
    if (args.unknown && args.format == "text") {
        for (const std::string &name : unknown)
            std::printf("without a contract: %s\n", name.c_str());
    }
    return found ? done : nothing_found;
}

} // namespace

void add_lint(CLI::App &program, int &status)
{
    auto args = std::make_shared<arguments>();
    CLI::App *command = program.add_subcommand(
        "lint", "Hold unmodified kernel C to the contracts, with PREEMPT_RT and without");
    command->add_option("files", args->files,
                        "C files, or the .cmd files that Kbuild left beside their objects");
    command
        ->add_option("--kdir", args->kdir,
                     "A prepared kernel build: /usr/src/linux-headers-6.12…-amd64")
        ->required();
    command->add_option("--compile-commands", args->compile_commands,
                        "Take files and flags from here; FILES choose among them");
    command->add_option("--clang", args->clang, "The compiler: clang 22 or later");
    command->add_option("--format", args->format, "text, json or sarif")
        ->check(CLI::IsMember({"text", "json", "sarif"}));
    command->add_flag("--state-rules", args->state_rules,
                      "Also what asks for more than a plain task has: smp_processor_id()");
    command->add_flag("--unknown", args->unknown, "Name the functions that have no contract");
    command->callback([args, &status] { status = run(*args); });
}

} // namespace kctx::tools
