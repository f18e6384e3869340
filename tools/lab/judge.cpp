// SPDX-License-Identifier: BSL-1.0
#include "judge.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <random>
#include <set>

#include "guard.hpp"

namespace kctx::tools::lab {
namespace {

constexpr std::string_view answer_name = "exercise.cpp";
constexpr std::string_view mark = "// BUG:";

/// A line `FILE:LINE:COLUMN: REST` of a compiler's output.
struct located {
    std::string_view file;
    std::size_t line = 0;
    std::string_view rest;
};

std::optional<located> parse_location(std::string_view text)
{
    const std::size_t first = text.find(':');
    if (first == text.npos || first == 0)
        return std::nullopt;
    located found{text.substr(0, first), 0, {}};
    const char *end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data() + first + 1, end, found.line);
    if (error != std::errc{} || after == end || (*after != ':' && *after != ','))
        return std::nullopt;
    std::string_view rest(after + 1, static_cast<std::size_t>(end - after - 1));
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits != 0 && rest.substr(digits).starts_with(':'))
        rest.remove_prefix(digits + 1);
    found.rest = trimmed(rest);
    return found;
}

bool is_answer(std::string_view file, std::string_view name)
{
    return file == name || (file.ends_with(name) && file[file.size() - name.size() - 1] == '/');
}

cause read_message(std::string_view message)
{
    cause c;
    c.name = "c++";
    const std::size_t open = message.find("kctx[");
    if (open != message.npos) {
        const std::size_t close = message.find("]: ", open);
        if (close != message.npos) {
            c.name = message.substr(open + 5, close - open - 5);
            message = message.substr(close + 3);
            const std::size_t fix = message.find("; fix: ");
            c.text = message.substr(0, fix);
            if (fix != message.npos)
                c.fix = message.substr(fix + 7);
            return c;
        }
    }
    if (message.find("unused-result") != message.npos || message.find("nodiscard") != message.npos)
        c.name = "discarded-result";
    c.text = message;
    return c;
}

/// A program may say what it likes, so what it says has a word in front that it does not know.
std::string secret()
{
    std::random_device device;
    return hex((std::uint64_t{device()} << 32) | device());
}

std::string without_path(std::string text, const fs::path &folder)
{
    return replaced(std::move(text), folder.string() + "/", "");
}

class one_judgement
{
    const exercise &e_;
    const std::uint64_t seed_;
    toolbox &tools_;
    const bool strict_;
    const std::string answer_;
    const scratch_folder scratch_;
    verdict v_;

    fs::path path(std::string_view name) const { return scratch_.path() / name; }

    /// The unit that brings answer and checks together.
    std::string unit(std::string_view checks, std::size_t line,
                     std::string_view header = "lab.hpp") const
    {
        return "#include \"" + std::string(header) + "\"\n#include \"" + std::string(answer_name) +
               "\"\n#line " + std::to_string(line) + " \"check.cpp\"\n" + std::string(checks);
    }

    bool refuse(cause c, std::string raw)
    {
        v_.causes.push_back(std::move(c));
        v_.raw = without_path(std::move(raw), scratch_.path());
        return false;
    }

    finished compile(std::string_view source, const std::vector<std::string> &more)
    {
        std::vector<std::string> line = tools_.command(e_, seed_);
        line.insert(line.end(), more.begin(), more.end());
        line.emplace_back(source);
        return counted(run_limited(line, tools_.for_compiling, {}, scratch_.path()));
    }

    finished counted(finished run)
    {
        v_.cpu_seconds += run.cpu_seconds;
        return run;
    }

    bool guards()
    {
        const std::string starter = e_.filled(e_.source.starter(), seed_);
        const auto found = look_for_forbidden(e_, starter, answer_);
        return !found || refuse({phase::guard, "guard", found->line, found->text, ""}, "");
    }

    bool answer_compiles()
    {
        const finished run = compile(answer_name, {"-fsyntax-only"});
        v_.warnings = errors_in(run.output, answer_name, "warning");
        if (run.success()) {
            if (!strict_ || v_.warnings.empty())
                return true;
            cause c = v_.warnings.front();
            c.name = "warning";
            return refuse(c, run.output);
        }
        v_.causes = errors_in(run.output, answer_name);
        v_.raw = without_path(run.output, scratch_.path());
        if (run.how != ending::exited)
            v_.causes = {{phase::compile, "limit", 0,
                          "the compiler gave up: " + run.in_words(tools_.for_compiling), ""}};
        else if (v_.causes.empty())
            v_.causes = {{phase::compile, "c++", 0, "it does not compile", ""}};
        return false;
    }

    bool bad_uses_are_refused()
    {
        for (const probe &p : e_.check.probes) {
            // What comes before the probe in check.cpp is declared for it, too.
            const std::string name = "probe-" + p.name + ".cpp";
            write_file(path(name), unit(std::string(p.text), p.line));
            const finished run = compile(name, {"-fsyntax-only", "-DLAB_PROBE"});
            if (run.how != ending::exited)
                return refuse({phase::compile, "limit", 0,
                               "the compiler gave up: " + run.in_words(tools_.for_compiling), ""},
                              run.output);
            const auto errors = errors_in(run.output, "check.cpp");
            const bool as_meant =
                p.slug == "any" ? !errors.empty() && errors.front().line != 0
                                : std::ranges::find(errors, p.slug, &cause::name) != errors.end();
            if (run.success())
                return refuse({phase::reject, p.name, 0,
                               "this use still compiles, and must not:\n" + p.text, ""},
                              run.output);
            if (!as_meant)
                return refuse({phase::reject, p.name, 0,
                               "this use is refused, but not by kctx[" + p.slug + "]:\n" + p.text +
                                   (errors.empty() ? "" : "it says: " + errors.front().text),
                               ""},
                              run.output);
        }
        return true;
    }

    bool tests_hold()
    {
        if (!e_.check.has_tests)
            return true;
        write_file(path("unit.cpp"), unit(e_.check.common, 1));
        if (!e_.log.empty())
            write_file(path("log.txt"), e_.log);
        const auto line = tools_.test_command(e_, seed_, "unit.cpp", "program");
        const finished build =
            counted(run_limited(line, tools_.for_compiling, {}, scratch_.path()));
        if (!build.success()) {
            auto errors = errors_in(build.output, answer_name);
            cause c;
            if (build.how != ending::exited) {
                c = {phase::compile, "limit", 0,
                     "the compiler gave up: " + build.in_words(tools_.for_compiling), ""};
            } else if (!errors.empty()) {
                c = errors.front();
                c.in = c.name == "c++" ? phase::test : phase::compile;
                if (c.in == phase::test)
                    c.name = "check.cpp compiles with it";
            } else {
                const std::size_t at = build.output.find("undefined reference");
                c = {phase::test, "check.cpp links with it", 0,
                     std::string(trimmed(std::string_view(build.output)
                                             .substr(at == std::string::npos ? 0 : at)
                                             .substr(0, 200))),
                     ""};
            }
            return refuse(std::move(c), build.output);
        }
        return run_tests();
    }

    bool run_tests()
    {
        const std::string word = secret();
        const finished run =
            counted(run_limited({"./program"}, tools_.for_running, word + "\n", scratch_.path()));
        std::string begun;
        bool ended = false;
        for (const std::string_view whole : lines_of(run.report)) {
            if (!whole.starts_with(word + " "))
                continue;
            const std::string_view line = whole.substr(word.size() + 1);
            if (line.starts_with("test ")) {
                begun = line.substr(5);
            } else if (line.starts_with("fail ")) {
                std::string text(line.substr(5));
                return refuse({phase::test, begun, 0, replaced(text, "\\n", "\n"), ""},
                              run.output + "\n" + without_words(run.report, word));
            } else if (line == "end") {
                ended = true;
            }
        }
        if (ended && run.success())
            return true;
        std::string why = run.in_words(tools_.for_running);
        const std::size_t sanitizer = run.output.find("runtime error: ");
        const std::size_t address = run.output.find("ERROR: AddressSanitizer: ");
        if (address != std::string::npos)
            why = "AddressSanitizer: " +
                  std::string(trimmed(first_words(run.output.substr(address + 25))));
        else if (sanitizer != std::string::npos)
            why = run.output.substr(sanitizer, run.output.find('\n', sanitizer) - sanitizer);
        else if (const auto said = last_line(run.output); !said.empty())
            why += ": " + said;
        return refuse({phase::test, begun.empty() ? "start" : begun, 0, why, ""}, run.output);
    }

    static std::string first_words(std::string_view text)
    {
        const std::size_t on = text.find(" on ");
        return std::string(text.substr(0, std::min(on, text.find('\n'))));
    }
    static std::string last_line(std::string_view text)
    {
        const auto lines = lines_of(text);
        return lines.empty() ? "" : std::string(lines.back().substr(0, 300));
    }
    static std::string without_words(std::string text, std::string_view word)
    {
        return replaced(std::move(text), std::string(word) + " ", "");
    }

    /// The guilty lines are those that the compiler refuses in the driver as it was given. There
    /// is no other key.
    bool marks_are_right()
    {
        const std::string given = e_.filled(e_.source.starter(), seed_);
        const auto bare = [](std::string_view line) {
            return std::string(trimmed(line.substr(0, line.find(mark))));
        };
        const auto before = lines_of(given), after = lines_of(answer_);
        if (before.size() != after.size())
            return refuse({phase::review, "changed", 0,
                           "lines were added or taken away: only put `// BUG: slug` at the end of "
                           "guilty lines",
                           ""},
                          "");
        for (std::size_t i = 0; i < before.size(); ++i)
            if (bare(before[i]) != bare(after[i]))
                return refuse({phase::review, "changed", i + 1,
                               "this line is another one: only put `// BUG: slug` at the end of "
                               "guilty lines",
                               ""},
                              "");
        write_file(path("given.cpp"), given);
        const finished run = compile("given.cpp", {"-fsyntax-only", "-Wno-error"});
        std::map<std::size_t, std::set<std::string>> guilty;
        for (const cause &c : errors_in(run.output, "given.cpp"))
            guilty[c.line].insert(c.name);
        const bool clear = std::ranges::none_of(
            guilty, [](const auto &g) { return g.first == 0 || g.second.contains("c++"); });
        if (guilty.empty() || !clear)
            throw content_error(e_.folder / "exercise.cpp", 0,
                                "a driver to review must break rules of kctx, and nothing else:\n" +
                                    run.output);
        std::size_t right = 0, innocent = 0, misnamed = 0;
        for (std::size_t i = 0; i < after.size(); ++i) {
            const std::size_t at = after[i].find(mark);
            if (at == after[i].npos)
                continue;
            const std::string slug(trimmed(after[i].substr(at + mark.size())));
            const auto found = guilty.find(i + 1);
            if (found == guilty.end())
                ++innocent;
            else if (!found->second.contains(slug))
                ++misnamed;
            else
                ++right;
        }
        const std::string score = std::to_string(right) + " of " + std::to_string(guilty.size()) +
                                  " guilty lines are marked for the right rule";
        if (innocent != 0)
            return refuse({phase::review, "innocent", 0,
                           score + ", and " + std::to_string(innocent) +
                               " that the compiler has nothing against",
                           ""},
                          "");
        if (misnamed != 0)
            return refuse({phase::review, "misnamed", 0,
                           score + ", and " + std::to_string(misnamed) + " for another one", ""},
                          "");
        return right == guilty.size() || refuse({phase::review, "missed", 0, score, ""}, "");
    }

public:
    one_judgement(const exercise &e, std::string_view answer, std::uint64_t seed, toolbox &tools,
                  bool strict)
        : e_(e), seed_(seed), tools_(tools), strict_(strict), answer_(answer)
    {
        write_file(path(answer_name), answer_);
    }

    verdict run()
    {
        const auto start = std::chrono::steady_clock::now();
        if (guards()) {
            if (e_.kind == kind::review)
                marks_are_right();
            else if (answer_compiles() && bad_uses_are_refused())
                tests_hold();
        }
        v_.seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return std::move(v_);
    }

    machine_run on_machine()
    {
        if (e_.check.machine.empty())
            return {false, "This exercise has nothing to run on the machine.\n"};
        write_file(path("unit.cpp"), unit(e_.check.machine, e_.check.machine_line, "machine.hpp"));
        const auto line = tools_.machine_command(e_, seed_, "unit.cpp", "program");
        const finished build = run_limited(line, tools_.for_compiling, {}, scratch_.path());
        if (!build.success())
            return {false, "It does not compile, even unchecked:\n" +
                               without_path(build.output.substr(0, 4000), scratch_.path())};
        const finished run = run_limited({"./program"}, tools_.for_running, {}, scratch_.path());
        if (run.how != ending::exited)
            return {false, run.output + run.in_words(tools_.for_running) + "\n"};
        return {true, run.output};
    }
};

} // namespace

std::vector<cause> errors_in(std::string_view output, std::string_view file,
                             std::string_view severity)
{
    std::vector<cause> found;
    std::size_t line_before = 0; // the last of the answer's lines that led to what follows
    bool looks_for_line = false; // of the error just read
    const std::string error = std::string(severity) + ": ", fatal = "fatal error: ";
    for (const std::string_view text : lines_of(output)) {
        const auto at = parse_location(text);
        if (!at)
            continue;
        const bool ours = is_answer(at->file, file);
        const bool is_error =
            at->rest.starts_with(error) || (severity == "error" && at->rest.starts_with(fatal));
        if (is_error) {
            cause c = read_message(
                at->rest.substr(at->rest.starts_with(error) ? error.size() : fatal.size()));
            c.line = ours ? at->line : line_before;
            looks_for_line = c.line == 0;
            line_before = 0;
            found.push_back(std::move(c));
        } else if (at->rest.starts_with("required from") || at->rest.starts_with("from") ||
                   at->rest.starts_with("in 'constexpr'")) {
            if (ours)
                line_before = at->line;
        } else if (ours && looks_for_line && !found.empty()) {
            found.back().line = at->line;
            looks_for_line = false;
        }
    }
    return found;
}

verdict judge(const exercise &e, std::string_view answer, std::uint64_t seed, toolbox &tools,
              bool warnings_refuse)
{
    return one_judgement(e, answer, seed, tools, warnings_refuse).run();
}

machine_run run_on_machine(const exercise &e, std::string_view answer, std::uint64_t seed,
                           toolbox &tools)
{
    return one_judgement(e, answer, seed, tools, false).on_machine();
}

} // namespace kctx::tools::lab
