// SPDX-License-Identifier: BSL-1.0
// kctx lint: unmodified kernel C held to the contract table.
#include "lint.hpp"
#include "commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include <unistd.h>

namespace kctx::tools {
namespace {

using lint::result;

struct arguments {
    std::vector<std::string> files;
    std::string kdir;
    std::string compile_commands;
    std::string clang = "clang-22";
    std::string format = "text";
    unsigned jobs = std::max(std::thread::hardware_concurrency(), 1U);
    bool state_rules = false;
    bool unknown = false;
};

std::vector<lint::job> jobs_of(const arguments &args)
{
    if (!args.compile_commands.empty())
        return lint::read_compile_commands(args.compile_commands,
                                           lint::text_of_file(args.compile_commands), args.files);
    std::vector<lint::job> jobs;
    jobs.reserve(args.files.size());
    for (const std::string &file : args.files)
        jobs.push_back(file.ends_with(".cmd")
                           ? lint::read_cmd_file(file, lint::text_of_file(file), args.kdir)
                           : lint::job{file, {}});
    return jobs;
}

result read(const lint::compiler &clang, const lint::job &work, const lint::rule_choice &choice)
{
    const auto began = std::chrono::steady_clock::now();
    result r;
    r.path = work.path;
    try {
        const lint::source text(lint::text_of_file(work.path));
        lint::facts known =
            clang.read(work.path, text, work.flags ? *work.flags : lint::makefile_flags(work.path));
        r.found = lint::judge(known, text, choice);
        r.errors = std::move(known.errors);
    } catch (const std::exception &e) { // the others are read all the same
        r.unreadable = e.what();
    }
    r.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return r;
}

/// Reads all files, some at a time; results are in the order of the files.
std::vector<result> read_all(const lint::compiler &clang, const std::vector<lint::job> &jobs,
                             const arguments &args)
{
    std::vector<result> results(jobs.size());
    std::atomic<std::size_t> next = 0;
    std::mutex at_progress;
    std::size_t finished = 0;
    const bool shows_progress = isatty(STDERR_FILENO) != 0;
    const auto work = [&] {
        for (std::size_t i; (i = next++) < jobs.size();) {
            results[i] = read(clang, jobs[i], {args.state_rules});
            const std::lock_guard guard(at_progress);
            ++finished;
            if (shows_progress)
                std::fprintf(stderr, "\r\033[K%zu/%zu %s", finished, jobs.size(),
                             jobs[i].path.c_str());
        }
    };
    const std::size_t parallel = std::min<std::size_t>(args.jobs, jobs.size());
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < parallel; ++i)
            others.emplace_back(work);
        work();
    }
    if (shows_progress)
        std::fputs("\r\033[K", stderr);
    return results;
}

int run(const arguments &args)
{
    const std::vector<lint::job> jobs = jobs_of(args);
    if (jobs.empty()) {
        std::fputs("kctx lint: no file of C to read\n", stderr);
        return unusable;
    }
    const lint::compiler clang(args.clang, lint::read_build(args.kdir));
    const std::vector<result> results = read_all(clang, jobs, args);
    lint::print(results, args.format == "json"    ? lint::format::json
                         : args.format == "sarif" ? lint::format::sarif
                                                  : lint::format::text);
    if (args.unknown && args.format == "text") {
        std::set<std::string> unknown;
        for (const result &r : results)
            unknown.insert(r.found.unknown.begin(), r.found.unknown.end());
        for (const std::string &name : unknown)
            std::printf("without a contract: %s\n", name.c_str());
    }
    bool all_read = true;
    for (const result &r : results) {
        if (!r.unreadable.empty())
            std::fprintf(stderr, "kctx lint: %s\n", r.unreadable.c_str());
        all_read = all_read && r.unreadable.empty();
    }
    const bool found =
        std::ranges::any_of(results, [](const result &r) { return !r.found.reports.empty(); });
    return !all_read ? unusable : found ? done : nothing_found;
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
    command->add_option("-j,--jobs", args->jobs, "Files that are read at the same time")
        ->check(CLI::Range(1U, 1024U))
        ->capture_default_str();
    command->add_flag("--state-rules", args->state_rules,
                      "Also what asks for more than a plain task has: smp_processor_id()");
    command->add_flag("--unknown", args->unknown, "Name the functions that have no contract");
    command->footer(
        "Exit status: 0 something was reported, 1 nothing, 2 something could not be read: the "
        "others are reported all the same.\n\n"
        "Examples:\n"
        "  kctx lint linux-source-6.12/drivers/tty/serial/*.c --kdir "
        "/usr/src/linux-headers-6.12.*+deb12-amd64");
    command->callback([args, &status] { status = run(*args); });
}

} // namespace kctx::tools
