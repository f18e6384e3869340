// SPDX-License-Identifier: BSL-1.0
#include "verify.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include <unistd.h>

#include "judge.hpp"

namespace kctx::tools::lab {
namespace {

constexpr std::uint64_t any_seed = 1;

std::string said(const verdict &v)
{
    if (v.passed())
        return "it passes";
    std::string text = "it fails in phase " + std::string(name_of(v.causes.front().in)) + ":";
    for (const cause &c : v.causes)
        text += "\n      " + c.name + (c.line != 0 ? " line " + std::to_string(c.line) : "") +
                ": " + printable(c.text).substr(0, 300);
    if (v.causes.front().in == phase::test && v.causes.front().name.starts_with("check.cpp"))
        text += "\n" + v.raw.substr(0, 1500);
    return text;
}

/// What of @p expected a verdict does not fulfil, or nothing.
std::string difference(const refusal &expected, const verdict &v, std::string_view answer)
{
    if (v.passed())
        return "it passes";
    const cause &first = v.causes.front();
    if (first.in != expected.in)
        return said(v);
    if (expected.in == phase::guard)
        return first.text.find(expected.names.front()) != std::string::npos ? "" : said(v);
    if (expected.in != phase::compile)
        return first.name == expected.names.front() ? "" : said(v);
    std::set<std::string> slugs;
    for (const cause &c : v.causes)
        slugs.insert(c.name);
    if (slugs != std::set<std::string>(expected.names.begin(), expected.names.end()))
        return said(v);
    if (expected.at == 0)
        return "";
    const auto lines = lines_of(answer);
    const auto has = [&](std::size_t line, const std::string &text) {
        return line >= 1 && line <= lines.size() && lines[line - 1].find(text) != std::string::npos;
    };
    if (!has(first.line, "TODO " + std::to_string(expected.at)))
        return "the first error is not on the line of TODO " + std::to_string(expected.at) + "; " +
               said(v);
    for (const cause &c : v.causes)
        if (!has(c.line, "TODO"))
            return "an error is on a line without TODO; " + said(v);
    return "";
}

std::string without_blanks(std::string_view text)
{
    std::string out;
    for (const char c : text)
        if (c != ' ' && c != '\t' && c != '\n')
            out += c;
    return out;
}

/// Each exercise by itself.
class one_exercise
{
    const exercise &e_;
    toolbox &tools_;
    const verify_options &options_;
    verify_result r_;

    void complain(const std::string &what)
    {
        r_.complaints.push_back(e_.id + " (" + tools_.compiler() + "): " + what);
    }

    void starter()
    {
        const std::string text = e_.filled(e_.source.starter(), any_seed);
        const verdict v = judge(e_, text, any_seed, tools_);
        if (const std::string d = difference(e_.starts, v, text); !d.empty())
            complain("the starter does not fail as stated: " + d);
    }
    void solution()
    {
        // Numbers that are drawn: the solution is right for all of them.
        for (const std::uint64_t seed : {any_seed, any_seed + 1, any_seed + 2}) {
            const std::string text = e_.filled(e_.source.solution(), seed);
            const verdict v = judge(e_, text, seed, tools_, true);
            if (!v.passed())
                complain("the solution: " + said(v) + "\n" + v.raw.substr(0, 1000));
            if (e_.draws.empty())
                break;
        }
    }
    void wrong_answers()
    {
        for (const wrong_answer &w : e_.wrong) {
            const std::string text = e_.filled(e_.source.wrong_answer(w.name), any_seed);
            const verdict v = judge(e_, text, any_seed, tools_);
            ++r_.wrong_answers;
            ++(v.passed() ? r_.accepted : r_.rejected);
            if (const std::string d = difference(w.expect, v, text); !d.empty())
                complain("the wrong answer " + w.name + ": " + d);
        }
    }
    void hints()
    {
        for (const std::string &line : secret_lines(e_))
            for (std::size_t i = 0; i < e_.hints.size(); ++i)
                if (without_blanks(e_.hints[i]).find(line) != std::string::npos)
                    complain("hint " + std::to_string(i + 1) +
                             " holds a line of the solution: " + line);
    }
    void machine()
    {
        if (!options_.machine || e_.check.machine.empty())
            return;
        ++r_.on_machine;
        const auto reports = [](const machine_run &run) {
            return run.log.find("BUG: ") != std::string::npos ||
                   run.log.find("WARNING: ") != std::string::npos ||
                   run.log.find("page allocation failure") != std::string::npos;
        };
        const machine_run before =
            run_on_machine(e_, e_.filled(e_.source.starter(), any_seed), any_seed, tools_);
        if (!before.ran || !reports(before))
            complain("on the machine the starter is not reported:\n" + before.log);
        const machine_run after =
            run_on_machine(e_, e_.filled(e_.source.solution(), any_seed), any_seed, tools_);
        if (!after.ran || reports(after))
            complain("on the machine the solution is reported:\n" + after.log);
    }

public:
    one_exercise(const exercise &e, toolbox &tools, const verify_options &options)
        : e_(e), tools_(tools), options_(options)
    {}

    verify_result run()
    {
        const std::string what = options_.machine ? "m" : "f";
        const fs::path known =
            tools_.cache() / "verified" /
            (hex(hash_of_tree(e_.folder)) + "-" + tools_.identity() + "-" + what);
        if (options_.remember && fs::exists(known)) {
            const std::size_t n = e_.wrong.size();
            return {.exercises = 1,
                    .wrong_answers = n,
                    .rejected = n,
                    .remembered = 1,
                    .on_machine = options_.machine && !e_.check.machine.empty() ? 1u : 0u,
                    .complaints = {}};
        }
        r_.exercises = 1;
        starter();
        solution();
        wrong_answers();
        hints();
        machine();
        if (r_.complaints.empty() && options_.remember)
            write_file(known, e_.id + "\n");
        return r_;
    }
};

} // namespace

std::vector<std::string> secret_lines(const exercise &e)
{
    std::vector<std::string> found;
    const std::string given = without_blanks(e.source.starter());
    // Short lines, `}` or `return 0;`, say nothing.
    for (const std::string &line : e.source.solution_lines())
        if (std::string packed = without_blanks(line);
            packed.size() >= 20 && !packed.starts_with("//") && given.find(packed) == given.npos)
            found.push_back(std::move(packed));
    return found;
}

std::vector<std::string> leaks_in(const fs::path &folder, const course &c)
{
    std::vector<std::string> leaks;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file())
            continue;
        const std::string name = fs::relative(entry.path(), folder).string();
        const std::string text = read_file(entry.path(), std::size_t{64} << 20);
        if (entry.path().filename() == "why.md" || text.find("[[solve]]") != std::string::npos ||
            text.find("[[wrong ") != std::string::npos)
            leaks.push_back(name);
        // The library is as it is everywhere; an exercise is looked through for its own answers.
        const std::string packed = without_blanks(text);
        for (const exercise &e : c.exercises)
            if (name.find(e.id) != std::string::npos)
                for (const std::string &line : secret_lines(e))
                    if (packed.find(line) != std::string::npos)
                        leaks.push_back(std::string(name).append(": ").append(line));
    }
    return leaks;
}

void in_parallel(std::size_t n, unsigned jobs, const std::function<void(std::size_t)> &work)
{
    std::atomic<std::size_t> next = 0;
    std::exception_ptr failed;
    std::mutex failing;
    const auto run = [&] {
        for (std::size_t i = next++; i < n && !told_to_stop(); i = next++) {
            try {
                work(i);
            } catch (...) {
                const std::lock_guard held(failing);
                failed = failed ? failed : std::current_exception();
                next = n;
            }
        }
    };
    std::vector<std::thread> threads;
    for (unsigned t = 1; t < std::min<std::size_t>(std::max(jobs, 1u), n); ++t)
        threads.emplace_back(run);
    run();
    for (std::thread &t : threads)
        t.join();
    if (failed)
        std::rethrow_exception(failed);
    if (told_to_stop())
        throw interrupted();
}

verify_result verify(const course &c, toolbox &tools, const verify_options &options)
{
    std::vector<const exercise *> chosen;
    // What the program does for one of a sort it does for all of it.
    std::set<std::tuple<kind, world, bool>> sorts;
    for (const exercise &e : c.exercises) {
        if (!e.id.starts_with(options.only) && !e.group.starts_with(options.only))
            continue;
        if (!options.sample || sorts.emplace(e.kind, e.world, e.sanitize).second)
            chosen.push_back(&e);
    }
    verify_result all;
    std::mutex adding;
    const bool show = isatty(STDERR_FILENO) != 0;
    in_parallel(chosen.size(), options.jobs, [&](std::size_t i) {
        const verify_result one = one_exercise(*chosen[i], tools, options).run();
        const std::lock_guard held(adding);
        all.exercises += one.exercises;
        all.wrong_answers += one.wrong_answers;
        all.rejected += one.rejected;
        all.accepted += one.accepted;
        all.remembered += one.remembered;
        all.on_machine += one.on_machine;
        all.complaints.insert(all.complaints.end(), one.complaints.begin(), one.complaints.end());
        if (show)
            std::fprintf(stderr, "\r\033[K%s: %zu/%zu %s", tools.compiler().c_str(), all.exercises,
                         chosen.size(), chosen[i]->id.c_str());
    });
    if (show)
        std::fputs("\r\033[K", stderr);
    std::ranges::sort(all.complaints);
    return all;
}

} // namespace kctx::tools::lab
