// SPDX-License-Identifier: BSL-1.0
#include "grade.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>

#include <sys/resource.h>
#include <unistd.h>

#include "grade_page.hpp"
#include "judge.hpp"
#include "tree.hpp"
#include "verify.hpp"

namespace kctx::tools::lab {
namespace {

constexpr std::size_t largest_answer = std::size_t{128} << 10;

/// A plain file below a folder, reached through plain folders: no link leads out of it.
bool is_plain(const fs::path &root, const fs::path &inside)
{
    fs::path at = root;
    std::error_code none;
    for (const fs::path &part : inside) {
        at /= part;
        const fs::file_status s = fs::symlink_status(at, none);
        if (!fs::is_directory(s) && !fs::is_regular_file(s))
            return false;
    }
    return fs::is_regular_file(fs::symlink_status(at, none));
}

/// What a student has handed in for an exercise: as `lab init` laid it out, or less deep. Empty if
/// there is nothing; @p why says so where something is there that is not taken.
std::optional<std::string> handed_in(const fs::path &root, const exercise &e, std::string &why)
{
    for (const fs::path &inside :
         {e.file(), "lab" / e.file(), fs::path(e.id) / "exercise.cpp", fs::path(e.id + ".cpp")}) {
        std::error_code none;
        if (!fs::exists(fs::symlink_status(root / inside, none)))
            continue;
        if (!is_plain(root, inside)) {
            why = "not a plain file: " + inside.string();
            return std::nullopt;
        }
        try {
            return read_file(root / inside, largest_answer);
        } catch (const content_error &error) {
            why = error.what();
            return std::nullopt;
        }
    }
    why = "not handed in";
    return std::nullopt;
}

class grader
{
    const course &course_;
    toolbox &tools_;
    const grade_options &options_;
    std::vector<const exercise *> exercises_;
    std::mutex known_held_;
    std::map<std::string, grade_cell> known_; ///< by exercise, seed and text

    grade_cell one(const fs::path &root, const exercise &e, std::uint64_t seed)
    {
        grade_cell cell;
        cell.of = e.points;
        std::string why;
        const auto answer = handed_in(root, e, why);
        if (!answer) {
            cell.cause = why == "not handed in" ? "missing" : "not-taken";
            cell.text = why;
            return cell;
        }
        if (*answer == e.filled(e.source.starter(), seed)) {
            cell.cause = "not-begun";
            cell.text = "the starter, unchanged";
            return cell;
        }
        const std::string key = e.id + (e.draws.empty() ? "" : hex(seed)) + "/" +
                                hex(hash_of(*answer)) + std::to_string(answer->size());
        {
            const std::lock_guard held(known_held_);
            const auto at = known_.find(key);
            if (at != known_.end())
                return at->second;
        }
        const verdict v = judge(e, *answer, seed, tools_);
        cell.seconds = v.seconds;
        if (v.passed()) {
            cell.points = e.points;
        } else {
            const cause &first = v.causes.front();
            cell.cause = first.in == phase::test     ? "test"
                         : first.in == phase::reject ? "must-reject"
                         : first.in == phase::review ? "review-" + first.name
                                                     : first.name;
            cell.line = first.line;
            cell.text = printable(first.in == phase::test || first.in == phase::reject
                                      ? first.name + ": " + first.text
                                      : first.text)
                            .substr(0, 500);
        }
        const std::lock_guard held(known_held_);
        return known_.emplace(key, std::move(cell)).first->second;
    }

public:
    grader(const course &c, toolbox &tools, const grade_options &options)
        : course_(c), tools_(tools), options_(options)
    {
        for (const exercise &e : c.exercises)
            if (e.id.starts_with(options.only) || e.group.starts_with(options.only))
                exercises_.push_back(&e);
    }

    class_result run()
    {
        class_result result;
        result.title = course_.title;
        for (const exercise *e : exercises_)
            result.exercises.push_back({e->id, e->title, e->group, e->points});
        std::error_code none;
        for (const fs::directory_entry &entry : fs::directory_iterator(options_.from))
            if (entry.is_directory(none) && !entry.is_symlink(none))
                result.students.push_back({entry.path().filename().string(), {}});
        std::ranges::sort(result.students, {}, &student_result::id);
        for (student_result &s : result.students)
            s.cells.resize(exercises_.size());

        const std::size_t n = exercises_.size(), all = n * result.students.size();
        std::size_t graded = 0;
        std::mutex counting;
        const bool show = isatty(STDERR_FILENO) != 0;
        in_parallel(all, options_.jobs, [&](std::size_t i) {
            student_result &s = result.students[i / n];
            const exercise &e = *exercises_[i % n];
            s.cells[i % n] = one(options_.from / s.id, e, seed_of(options_.salt, s.id));
            if (!show)
                return;
            const std::lock_guard held(counting);
            std::fprintf(stderr, "\r\033[K%zu/%zu %s %s", ++graded, all, printable(s.id).c_str(),
                         e.id.c_str());
        });
        if (show)
            std::fputs("\r\033[K", stderr);
        return result;
    }
};

double cpu_seconds()
{
    double all = 0;
    for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage u{};
        getrusage(static_cast<__rusage_who_t>(who), &u);
        for (const timeval &t : {u.ru_utime, u.ru_stime})
            all += static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    }
    return all;
}

} // namespace

grade_summary grade(const course &c, toolbox &tools, const grade_options &options)
{
    const auto start = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    const class_result result = grader(c, tools, options).run();
    write_class(result, options.out);
    grade_summary s;
    s.students = result.students.size();
    s.exercises = result.exercises.size();
    s.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (s.students != 0)
        s.cpu_seconds_each = (cpu_seconds() - cpu) / static_cast<double>(s.students);
    return s;
}

} // namespace kctx::tools::lab
