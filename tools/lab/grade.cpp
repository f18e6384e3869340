// SPDX-License-Identifier: BSL-1.0
#include "grade.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>

#include <nlohmann/json.hpp>

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

/// What archives and file managers leave behind.
bool is_junk(const std::string &name) { return name.starts_with(".") || name == "__MACOSX"; }

/// Where the course begins in what a student has handed in: often a folder or two below, because an
/// archive brings one of its own. Says in @p notes what an instructor should look at.
fs::path beginning_of(const fs::path &handed, const course &c, std::vector<std::string> &notes)
{
    constexpr std::size_t most_folders = 64;
    const auto is_ours = [&](const std::string &name) {
        return std::ranges::find(c.groups, name, &group::id) != c.groups.end() ||
               c.find(name.ends_with(".cpp") ? name.substr(0, name.size() - 4) : name) != nullptr;
    };
    std::vector<fs::path> level = {handed};
    std::string other;
    for (int depth = 0; depth < 3 && !level.empty(); ++depth) {
        std::vector<fs::path> found, below;
        for (const fs::path &folder : level) {
            std::error_code none;
            bool ours = false;
            for (const fs::directory_entry &entry : fs::directory_iterator(folder, none)) {
                const std::string name = entry.path().filename().string();
                ours = ours || is_ours(name);
                if (is_junk(name))
                    continue;
                if (!entry.is_symlink(none) && entry.is_directory(none) &&
                    below.size() < most_folders)
                    below.push_back(entry.path());
                else if (other.empty())
                    other = name;
            }
            if (ours)
                found.push_back(folder);
        }
        if (found.size() == 1)
            return found.front();
        if (found.size() > 1) {
            std::ranges::sort(found);
            notes.push_back("the course is in it more than once, and nothing was taken: " +
                            fs::relative(found[0], handed).string() + ", " +
                            fs::relative(found[1], handed).string());
            return {};
        }
        level = std::move(below);
    }
    notes.push_back("nothing in it is of this course" + (other.empty() ? "" : ", but " + other));
    return {};
}

/// The numbers of a student's own copy are drawn for a name and the course's word; another name
/// there, and his answers are right for somebody else.
void compare_settings(const fs::path &root, const std::string &student, const std::string &salt,
                      std::vector<std::string> &notes)
{
    const fs::path file = ".lab/settings.json";
    if (!is_plain(root, file))
        return;
    const auto in = nlohmann::json::parse(read_file(root / file), nullptr, false);
    if (!in.is_object() || !in.contains("student") || !in.contains("salt"))
        return;
    if (in["student"] != student)
        notes.push_back("its numbers were drawn for the name " + in["student"].dump() +
                        ", and are graded for \"" + student + "\"");
    else if (in["salt"] != salt)
        notes.push_back("its numbers were drawn with the word " + in["salt"].dump() +
                        ", and are graded with \"" + salt + "\" (--salt)");
}

/// What a student has handed in for an exercise: as `lab init` laid it out, or less deep. Empty if
/// there is nothing; @p why says so where something is there that is not taken.
std::optional<std::string> handed_in(const fs::path &root, const exercise &e, std::string &why)
{
    why = "not handed in";
    if (root.empty())
        return std::nullopt;
    for (const fs::path &inside :
         {e.file(), fs::path(e.id) / "exercise.cpp", fs::path(e.id + ".cpp")}) {
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
            why = replaced(error.what(), root.string() + "/", "");
            return std::nullopt;
        }
    }
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
            if (at != known_.end()) {
                cell = at->second;
                cell.seconds = cell.cpu_seconds = 0; // it took nothing
                return cell;
            }
        }
        const verdict v = judge(e, *answer, seed, tools_);
        cell.seconds = v.seconds;
        cell.cpu_seconds = v.cpu_seconds;
        if (v.passed()) {
            cell.points = e.points;
        } else {
            const cause &first = v.causes.front();
            cell.cause = first.in == phase::test     ? "test"
                         : first.in == phase::reject ? "must-reject"
                         : first.in == phase::review ? "review-" + first.name
                                                     : first.name;
            cell.line = first.line;
            cell.fix = printable(first.fix);
            const auto lines = lines_of(*answer);
            if (first.line != 0 && first.line <= lines.size())
                cell.code = printable(trimmed(lines[first.line - 1])).substr(0, 200);
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
        if (exercises_.empty())
            throw std::runtime_error("no exercise and no group begins with " + options.only);
    }

    /// The students' folders; what else is there is named.
    void find_students(class_result &result) const
    {
        const auto refuse = [](const std::string &name, const char *why) {
            std::fprintf(stderr, "kctx lab: not graded: %s, %s\n", printable(name).c_str(), why);
        };
        std::error_code none;
        for (const fs::directory_entry &entry : fs::directory_iterator(options_.from)) {
            const std::string name = entry.path().filename().string();
            if (is_junk(name))
                continue;
            if (entry.is_symlink(none))
                refuse(name, "a link");
            else if (!entry.is_directory(none))
                refuse(name, "no folder; archives are to be unpacked, one folder a student");
            else if (name == "index.html" || name == "junit.xml" || name == "grades.csv")
                refuse(name, "a name that the results have");
            else
                result.students.push_back({name, {}, {}});
        }
        if (result.students.empty())
            throw std::runtime_error(options_.from.string() + " has no folder of a student");
        std::ranges::sort(result.students, {}, &student_result::id);
    }

    class_result run()
    {
        class_result result;
        result.title = course_.title;
        for (const exercise *e : exercises_)
            result.exercises.push_back({e->id, e->title, e->group, e->points});
        result.graded_by = tools_.compiler() + ": " + tools_.version();
        find_students(result);
        std::vector<fs::path> roots;
        for (student_result &s : result.students) {
            s.cells.resize(exercises_.size());
            fs::path root;
            try { // whatever is in it, it is this student's alone
                root = beginning_of(options_.from / s.id, course_, s.notes);
                if (!root.empty())
                    compare_settings(root, s.id, options_.salt, s.notes);
            } catch (const std::exception &e) {
                s.notes.emplace_back(e.what());
            }
            roots.push_back(root);
        }

        const std::size_t n = exercises_.size(), all = n * result.students.size();
        std::size_t graded = 0;
        std::mutex counting;
        const bool show = isatty(STDERR_FILENO) != 0;
        in_parallel(all, options_.jobs, [&](std::size_t i) {
            student_result &s = result.students[i / n];
            const exercise &e = *exercises_[i % n];
            s.cells[i % n] = one(roots[i / n], e, seed_of(options_.salt, s.id));
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
    const fs::path from = fs::weakly_canonical(options.from),
                   out = fs::weakly_canonical(options.out);
    if (std::ranges::mismatch(from, out).in1 == from.end())
        throw std::runtime_error("the results would be in the folder of the submissions: " +
                                 options.out.string());
    const class_result result = grader(c, tools, options).run();
    write_class(result, options.out);
    grade_summary s;
    s.students = result.students.size();
    s.exercises = result.exercises.size();
    s.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    s.cpu_seconds_each = (cpu_seconds() - cpu) / static_cast<double>(s.students);
    for (const student_result &one : result.students) {
        double sum = 0;
        for (const grade_cell &cell : one.cells)
            sum += cell.cpu_seconds;
        s.cpu_seconds_most = std::max(s.cpu_seconds_most, sum);
    }
    return s;
}

} // namespace kctx::tools::lab
