// SPDX-License-Identifier: BSL-1.0
// kctx lab: exercises, for who does them and for who sets them. The rooms are in lab/.
#include "commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

#include <unistd.h>

#include "lab/grade.hpp"
#include "lab/pack.hpp"
#include "lab/place.hpp"
#include "lab/rules.hpp"
#include "lab/screen.hpp"
#include "lab/tree.hpp"
#include "lab/verify.hpp"
#include "lab/watch.hpp"

namespace kctx::tools {
namespace {

using namespace lab;

/// Exit statuses beside those of all subcommands.
constexpr int failing = 1, no_tool = 3, broken_content = 4, well = done;

struct arguments {
    std::string project, compiler, folder = "lab", id, slug, student, salt, from, out, only, kind,
                                   target;
    bool once = false, ascii = false, all = false, raw = false, machine = false, give_up = false,
         sample = false, again = false, check = false;
    unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
    unsigned seconds = 0;
};

void on_interrupt(int) { stop_all_programs(); }

/// A student's folder with everything that belongs to it.
struct desk {
    tree files;
    course exercises;
    toolbox tools;

    explicit desk(const arguments &a)
        : files(tree::open(fs::current_path())), exercises(load_course(files.settings().course)),
          tools(files.settings().include, files.settings().course / "lab", default_cache(),
                a.compiler.empty() ? files.settings().compiler : a.compiler)
    {}

    const exercise &chosen(const std::string &id) const
    {
        const std::string &wanted = id.empty() ? files.current() : id;
        if (const exercise *e = exercises.find(wanted))
            return *e;
        throw std::runtime_error("there is no exercise " + wanted + "; `kctx lab list` shows all");
    }
};

void print(const std::string &text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int init(const arguments &a)
{
    const place p = find_place(a.project);
    const course c = load_course(p.course);
    const tree t = tree::create(a.folder, c,
                                {.course = p.course,
                                 .include = p.include,
                                 .compiler = a.compiler,
                                 .student = a.student,
                                 .salt = a.salt});
    const look l = look::of(STDOUT_FILENO, a.ascii);
    print(l.strong(c.title) + "\n" + wrapped(c.welcome, l.columns) + "\n\n" +
          std::to_string(c.exercises.size()) + " exercises are in " + t.root().string() +
          ", the first in " + c.exercises.front().file().string() + ".\nTo begin:\n\n    cd " +
          a.folder + "\n    kctx lab\n");
    return done;
}

int list(const arguments &a)
{
    desk d(a);
    const look l = look::of(STDOUT_FILENO, a.ascii);
    print(list_in_words(d.exercises, d.files, d.tools, l));
    return done;
}

int run(const arguments &a)
{
    desk d(a);
    const look l = look::of(STDOUT_FILENO, a.ascii);
    std::vector<const exercise *> chosen;
    if (a.all && a.id.empty())
        for (const exercise &e : d.exercises.exercises)
            chosen.push_back(&e);
    else
        chosen.push_back(&d.chosen(a.id));
    bool passed = true;
    for (const exercise *e : chosen) {
        const std::string answer = d.files.answer(*e);
        if (chosen.size() == 1) {
            d.files.set_current(e->id);
            print(l.strong(e->id) + "  " + d.files.file_of(*e).string() + "\n" +
                  wrapped("Goal: " + e->goal, l.columns, "      ") + "\n\n");
        }
        if (a.machine) {
            print(run_on_machine(*e, answer, d.files.seed(), d.tools).log);
            continue;
        }
        const verdict v = judge(*e, answer, d.files.seed(), d.tools);
        d.files.record(*e, answer, v, d.tools);
        passed = passed && v.passed();
        if (chosen.size() == 1) {
            print(verdict_in_words(v, l, a.all));
            if (a.raw)
                print("\n" + printable(v.raw));
            if (v.passed() && !e->why.empty())
                print("\n" + wrapped(e->why, l.columns) + "\n");
        } else {
            print(std::string(l.sign(v.passed() ? standing::passed : standing::failing)) + " " +
                  e->id + (v.passed() ? "" : "  " + v.causes.front().name) + "\n");
        }
        d.files.save();
    }
    return passed ? well : failing;
}

int hint(const arguments &a)
{
    desk d(a);
    const exercise &e = d.chosen(a.id);
    const unsigned level = d.files.take_hint(e);
    const look l = look::of(STDOUT_FILENO, a.ascii);
    for (unsigned i = 1; i <= level; ++i)
        print("Hint " + std::to_string(i) + " of 3: " + wrapped(e.hints[i - 1], l.columns, "    ") +
              "\n");
    d.files.save();
    return done;
}

int reset(const arguments &a)
{
    desk d(a);
    const exercise &e = d.chosen(a.id);
    const fs::path kept = d.files.reset(e);
    print(e.id + " is as in the beginning; your text is kept in " + kept.string() + "\n");
    d.files.save();
    return done;
}

int solution(const arguments &a)
{
    desk d(a);
    const exercise &e = d.chosen(a.id);
    if (!d.exercises.complete) {
        std::fputs("kctx lab: this copy of the course has no solutions; your instructor has\n",
                   stderr);
        return unusable;
    }
    if (d.files.stands(e, d.tools) != standing::passed && !d.files.gave_up(e)) {
        if (!a.give_up) {
            std::fputs("kctx lab: not passed yet. --give-up shows it all the same, and is "
                       "recorded.\n",
                       stderr);
            return failing;
        }
        d.files.give_up(e);
        d.files.save();
    }
    print(e.filled(e.source.solution(), d.files.seed()) + "\n" + e.why + "\n");
    return done;
}

int explain(const arguments &a)
{
    const place p = fs::exists(fs::current_path() / ".lab")
                        ? place{tree::open(fs::current_path()).settings().course, {}, {}}
                        : find_place(a.project);
    const look l = look::of(STDOUT_FILENO, a.ascii);
    const std::string text = explain_rule(p.course, a.slug, load_course(p.course));
    if (text.empty()) {
        std::fprintf(stderr, "kctx lab: there is no rule %s, but:\n%s\n", a.slug.c_str(),
                     wrapped(join(rule_names(p.course), ", "), 78).c_str());
        return unusable;
    }
    print(wrapped(text, l.columns) + "\n");
    return done;
}

int open(const arguments &a)
{
    desk d(a);
    const exercise &e = d.chosen(a.id);
    d.files.set_current(e.id);
    d.files.save();
    print(d.files.file_of(e).string() + "\n");
    const char *editor = std::getenv("EDITOR");
    if (editor == nullptr || *editor == '\0' || isatty(STDIN_FILENO) == 0)
        return done;
    std::fflush(stdout);
    // An editor with arguments, `emacs -nw`, is what a shell makes of it.
    execlp("sh", "sh", "-c", "exec $EDITOR \"$1\"", "sh", d.files.file_of(e).c_str(), nullptr);
    throw std::runtime_error(std::string("cannot start ") + editor);
}

int watch_or_once(const arguments &a)
{
    desk d(a);
    return watch(d.files, d.exercises, d.tools, a.ascii, a.once) ? well : failing;
}

int verify_course(const arguments &a)
{
    const place p = find_place(a.project);
    const course c = load_course(p.course);
    if (!c.complete)
        throw content_error(p.course, 0, "is a student's copy: there is nothing to verify");
    toolbox tools(p.include, p.course / "lab", default_cache(), a.compiler);
    const verify_result r = verify(c, tools,
                                   {.jobs = a.jobs,
                                    .only = a.only,
                                    .sample = a.sample,
                                    .machine = a.machine,
                                    .remember = !a.again});
    for (const std::string &complaint : r.complaints)
        std::printf("%s\n", complaint.c_str());
    std::printf("%s%s: %zu exercises, %zu wrong answers: %zu rejected, %zu accepted", //
                tools.compiler().c_str(), tools.has_sanitizers() ? "" : " (without sanitizers)",
                r.exercises, r.wrong_answers, r.rejected, r.accepted);
    if (r.on_machine != 0)
        std::printf("; %zu reported by the simulated machine", r.on_machine);
    std::printf("; %zu complaints%s\n", r.complaints.size(),
                r.remembered != 0 ? (" (" + std::to_string(r.remembered) + " remembered)").c_str()
                                  : "");
    return r.complaints.empty() ? well : failing;
}

int grade_all(const arguments &a)
{
    const place p = find_place(a.project);
    const course c = load_course(p.course);
    toolbox tools(p.include, p.course / "lab", default_cache(), a.compiler);
    if (a.seconds != 0)
        tools.for_compiling.cpu_seconds = tools.for_running.cpu_seconds = a.seconds;
    const grade_summary s = grade(
        c, tools, {.from = a.from, .out = a.out, .only = a.only, .salt = a.salt, .jobs = a.jobs});
    std::printf("%zu submissions of %zu exercises in %.1f s, %.2f s of CPU a submission, at most "
                "%.2f: %s\n",
                s.students, s.exercises, s.seconds, s.cpu_seconds_each, s.cpu_seconds_most,
                (fs::path(a.out) / "index.html").c_str());
    return well;
}

int pack_course(const arguments &a)
{
    const place p = find_place(a.project);
    print(pack(p, load_course(p.course), a.kind, a.out) + "\n");
    return done;
}

int new_exercise(const arguments &a)
{
    const place p = find_place(a.project);
    print(make_exercise(p.course, a.target, a.kind));
    return done;
}

/// Runs a command of the lab; what goes wrong in it is said here.
template <class F> void call(int &status, F command)
{
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
    std::signal(SIGHUP, on_interrupt);
    std::signal(SIGPIPE, SIG_IGN);
    try {
        status = command();
    } catch (const interrupted &e) {
        std::fprintf(stderr, "kctx lab: %s\n", e.what());
        status = failing;
    } catch (const content_error &e) {
        std::fprintf(stderr, "kctx lab: %s\n", e.what());
        status = broken_content;
    } catch (const missing_tool &e) {
        std::fprintf(stderr, "kctx lab: %s\n", e.what());
        status = no_tool;
    } catch (const std::exception &e) {
        std::fprintf(stderr, "kctx lab: %s\n", e.what());
        status = unusable;
    }
}

} // namespace

void add_lab(CLI::App &program, int &status)
{
    auto a = std::make_shared<arguments>();
    CLI::App *lab = program.add_subcommand("lab", "Exercises, driver functions to repair");
    lab->footer("Without a command it watches the current exercise, and shows its keys.\n\n"
                "Exit status: 0 passed, 1 failed, 2 bad arguments, 3 a tool is missing, 4 the "
                "course is broken.");
    lab->require_subcommand(0, 1);
    lab->add_flag("--ascii", a->ascii, "no other characters");
    lab->add_flag("--once", a->once, "check the current exercise once, without watching");
    lab->add_option("--compiler", a->compiler, "such as clang++-22");
    lab->callback([lab, a, &status] {
        if (lab->get_subcommands().empty())
            call(status, [&] { return watch_or_once(*a); });
    });
    const auto add = [&](const char *name, const char *what, int (*command)(const arguments &)) {
        CLI::App *s = lab->add_subcommand(name, what);
        s->fallthrough();
        s->callback([a, command, &status] { call(status, [&] { return command(*a); }); });
        return s;
    };
    const auto project = [&](CLI::App *s) {
        s->add_option("--project", a->project, "the folder with exercises/ and include/");
        return s;
    };
    const auto one = [&](CLI::App *s) {
        s->add_option("exercise", a->id, "by its name or number; else the current one");
        return s;
    };

    CLI::App *s = project(add("init", "makes a folder of exercises", init));
    s->add_option("folder", a->folder, "its name")->capture_default_str();
    s->add_option("--student", a->student, "whose numbers are drawn");
    s->add_option("--salt", a->salt, "the course's word for that");
    add("list", "all exercises and where they stand", list);
    s = one(add("run", "checks an exercise", run));
    s->add_flag("--all", a->all, "every error; without an exercise: every exercise");
    s->add_flag("--raw", a->raw, "what the compiler said, too");
    s->add_flag("--machine", a->machine,
                "runs it, unchecked, on the simulated machine, and shows the kernel's log");
    one(add("hint", "the next hint of three", hint));
    one(add("reset", "the starter again; your text is kept", reset));
    one(add("solution", "after success", solution))
        ->add_flag("--give-up", a->give_up, "before; this is recorded");
    project(add("explain", "a rule in words", explain))
        ->add_option("slug", a->slug, "what stands in kctx[...]")
        ->required();
    one(add("open", "prints the file, and opens it with $EDITOR", open));

    s = project(add("verify", "whether the course keeps its word", verify_course));
    s->add_option("--only", a->only, "exercises or groups that begin so");
    s->add_flag("--sample", a->sample, "one exercise of each sort");
    s->add_flag("--machine", a->machine, "the simulated machine as well");
    s->add_flag("--again", a->again, "what held before is tried again");
    s->add_option("--jobs", a->jobs, "at the same time")->check(CLI::Range(1u, 256u));
    s = project(add("grade", "grades submissions", grade_all));
    s->add_option("--from", a->from, "a folder with one folder a student")
        ->required()
        ->check(CLI::ExistingDirectory);
    s->add_option("--out", a->out, "the folder for results")->required();
    s->add_option("--only", a->only, "exercises or groups that begin so");
    s->add_option("--salt", a->salt, "the course's word for the students' numbers");
    s->add_option("--seconds", a->seconds,
                  "of CPU that one file may take to compile, and to run; by default 20 and 8")
        ->check(CLI::Range(1u, 3600u));
    s->add_option("--jobs", a->jobs, "at the same time")->check(CLI::Range(1u, 256u));
    s = project(add("pack", "the course without solutions, to be given away", pack_course));
    s->add_option("--for", a->kind, "students, gradescope or zip")
        ->required()
        ->check(CLI::IsMember({"students", "gradescope", "zip"}));
    s->add_option("--out", a->out, "a folder; of gradescope and zip a file")->required();
    s = project(add("new", "begins an exercise", new_exercise));
    s->add_option("target", a->target, "GROUP/NAME")->required();
    s->add_option("--kind", a->kind, "what it asks for")
        ->required()
        ->check(CLI::IsMember({"fix", "implement", "reject", "predict", "trace", "review"}));
}

} // namespace kctx::tools
