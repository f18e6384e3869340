// SPDX-License-Identifier: BSL-1.0
#include "grade_page.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <utility>

#include <nlohmann/json.hpp>

namespace kctx::tools::lab {
namespace {

constexpr std::string_view style =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><style>"
    ":root{color-scheme:light dark}"
    "body{font:15px/1.45 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;text-align:left;"
    "border-bottom:1px solid #8884;vertical-align:top}td.n,th.n{text-align:right}"
    "code{font:13px ui-monospace,monospace}.ok{color:#197a2f}.no{color:#b3261e}"
    "@media(prefers-color-scheme:dark){.ok{color:#6fd388}.no{color:#ff8a80}}"
    "pre{font:13px ui-monospace,monospace;margin:.2rem 0;white-space:pre-wrap;"
    "overflow-wrap:anywhere}td{overflow-wrap:anywhere}small,footer{opacity:.75}"
    ".note{border-left:3px solid #c80;padding:.2rem .7rem;margin:.5rem 0}.wide{overflow-x:auto}"
    "tr.g th{padding-top:1.2rem}"
    ".map{width:auto}.map td{text-align:center;padding:.25rem;min-width:1.4rem}"
    ".map th{font-weight:500;font-size:13px}.map th.r{white-space:nowrap;position:sticky;left:0;"
    "background:Canvas}.map th.c{writing-mode:vertical-rl;transform:rotate(180deg);"
    "padding:.4rem .1rem;text-align:left}</style>";

unsigned total(const student_result &s)
{
    unsigned sum = 0;
    for (const grade_cell &c : s.cells)
        sum += c.points;
    return sum;
}

unsigned possible(const class_result &r)
{
    unsigned sum = 0;
    for (const exercise_head &e : r.exercises)
        sum += e.points;
    return sum;
}

std::string page_head(const std::string &title)
{
    return std::string(style) + "<title>" + html_escaped(title) + "</title><h1>" +
           html_escaped(title) + "</h1>";
}

std::string notes_of(const student_result &s)
{
    std::string text;
    for (const std::string &note : s.notes)
        text += "<p class=\"note\">" + html_escaped(note) + "\n";
    return text;
}

std::string number(double d)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", d);
    return text;
}

std::string csv_field(const std::string &text)
{
    std::string safe = printable(text);
    // What a spreadsheet would take for a formula is text.
    if (!safe.empty() && std::string_view("=+-@").find(safe[0]) != std::string_view::npos)
        safe.insert(0, "'");
    return "\"" + replaced(replaced(safe, "\"", "\"\""), "\n", " ") + "\"";
}

} // namespace

std::string junit_of(const class_result &r, const std::vector<const student_result *> &students)
{
    std::string suites;
    std::size_t tests = 0, failures = 0;
    for (const student_result *s : students) {
        std::string cases;
        std::size_t failed = 0;
        double seconds = 0;
        for (std::size_t i = 0; i < s->cells.size(); ++i) {
            const grade_cell &c = s->cells[i];
            seconds += c.seconds;
            cases += "    <testcase classname=\"" + html_escaped(r.exercises[i].group) +
                     "\" name=\"" + html_escaped(r.exercises[i].id) + "\" time=\"" +
                     number(c.seconds) + "\"";
            if (c.cause.empty()) {
                cases += "/>\n";
                continue;
            }
            ++failed;
            cases += ">\n      <failure type=\"" + html_escaped(c.cause) + "\" message=\"" +
                     html_escaped(replaced(c.text, "\n", " ")) + "\"/>\n    </testcase>\n";
        }
        suites += "  <testsuite name=\"" + html_escaped(s->id) + "\" tests=\"" +
                  std::to_string(s->cells.size()) + "\" failures=\"" + std::to_string(failed) +
                  "\" time=\"" + number(seconds) + "\">\n" + cases + "  </testsuite>\n";
        tests += s->cells.size();
        failures += failed;
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"" +
           std::to_string(tests) + "\" failures=\"" + std::to_string(failures) + "\">\n" + suites +
           "</testsuites>\n";
}

std::string gradescope_of(const class_result &r, const student_result &s)
{
    nlohmann::json tests = nlohmann::json::array();
    for (std::size_t i = 0; i < s.cells.size(); ++i) {
        const grade_cell &c = s.cells[i];
        std::string output = c.cause.empty() ? "passed" : c.cause;
        if (c.line != 0)
            output += " exercise.cpp:" + std::to_string(c.line);
        if (!c.text.empty())
            output += ": " + c.text;
        if (!c.fix.empty())
            output += "\nfix: " + c.fix;
        tests.push_back({{"name", r.exercises[i].id},
                         {"score", c.points},
                         {"max_score", c.of},
                         {"status", c.cause.empty() ? "passed" : "failed"},
                         {"output", output},
                         {"output_format", "text"},
                         {"visibility", "visible"}});
    }
    nlohmann::json out = {
        {"score", total(s)}, {"visibility", "visible"}, {"tests", std::move(tests)}};
    if (!s.notes.empty())
        out["output"] = join(s.notes, "\n");
    return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string csv_of(const class_result &r)
{
    std::string text = "student,points,of";
    for (const exercise_head &e : r.exercises)
        text += "," + e.id;
    text += "\n";
    for (const student_result &s : r.students) {
        text +=
            csv_field(s.id) + "," + std::to_string(total(s)) + "," + std::to_string(possible(r));
        for (const grade_cell &c : s.cells)
            text += "," + std::to_string(c.points);
        text += "\n";
    }
    return text;
}

std::string student_page(const class_result &r, const student_result &s)
{
    std::string page = page_head(s.id);
    page += "<p>" + html_escaped(r.title) + ": <strong>" + std::to_string(total(s)) + " of " +
            std::to_string(possible(r)) + " points</strong></p>" + notes_of(s) +
            "<table><tr><th>Exercise<th class=\"n\">Points<th>First cause\n";
    std::string group;
    for (std::size_t i = 0; i < s.cells.size(); ++i) {
        const grade_cell &c = s.cells[i];
        if (group != r.exercises[i].group) {
            group = r.exercises[i].group;
            page += "<tr class=\"g\"><th colspan=\"3\">" + html_escaped(group) + "\n";
        }
        page += "<tr><td>" + html_escaped(r.exercises[i].id) + "<br><small>" +
                html_escaped(r.exercises[i].title) + "</small><td class=\"n " +
                (c.cause.empty() ? "ok" : "no") + "\">" + std::to_string(c.points) + "/" +
                std::to_string(c.of) + "<td>";
        if (c.cause.empty()) {
            page += "<span class=\"ok\">passed</span>\n";
            continue;
        }
        page += "<code>" + html_escaped(c.cause) +
                (c.line != 0 ? " exercise.cpp:" + std::to_string(c.line) : "") + "</code>";
        if (!c.code.empty())
            page += "<pre>" + html_escaped(c.code) + "</pre>";
        page += (c.code.empty() ? "<br>" : "") + replaced(html_escaped(c.text), "\n", "<br>") +
                (c.fix.empty() ? "" : "<br><small>fix: " + html_escaped(c.fix) + "</small>") + "\n";
    }
    return page + "</table><footer><p>" + html_escaped(r.graded_by) + "</footer></html>\n";
}

std::string class_page(const class_result &r)
{
    std::map<std::string, std::vector<std::size_t>> map; // cause -> how many, by exercise
    std::vector<std::size_t> passed(r.exercises.size());
    for (const student_result &s : r.students)
        for (std::size_t i = 0; i < s.cells.size(); ++i) {
            if (s.cells[i].cause.empty()) {
                ++passed[i];
                continue;
            }
            auto &row = map[s.cells[i].cause];
            row.resize(r.exercises.size());
            ++row[i];
        }
    std::string page = page_head(r.title);
    page += "<p>" + std::to_string(r.students.size()) + " submissions, " +
            std::to_string(r.exercises.size()) + " exercises, " + std::to_string(possible(r)) +
            " points.</p><h2>What stops whom</h2><p>How many submissions fail an exercise first "
            "for which cause.</p><div class=\"wide\"><table class=\"map\"><tr><th class=\"r\">";
    for (const exercise_head &e : r.exercises)
        page += "<th class=\"c\">" + html_escaped(e.id);
    const auto row = [&](const std::string &name, const std::vector<std::size_t> &counts,
                         std::string_view rgb) {
        page += "\n<tr><th class=\"r\"><code>" + html_escaped(name) + "</code>";
        for (const std::size_t n : counts) {
            if (n == 0) {
                page += "<td>";
                continue;
            }
            const double share = static_cast<double>(n) /
                                 static_cast<double>(std::max<std::size_t>(r.students.size(), 1));
            page += "<td style=\"background:rgb(" + std::string(rgb) + "/" +
                    number(0.15 + 0.75 * share) + ")\">" + std::to_string(n);
        }
    };
    row("passed", passed, "40 150 70");
    std::vector<std::pair<std::size_t, std::string>> causes; // what stops most, first
    causes.reserve(map.size());
    for (const auto &[cause, counts] : map)
        causes.emplace_back(std::reduce(counts.begin(), counts.end()), cause);
    std::ranges::sort(causes, [](const auto &a, const auto &b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    for (const auto &[sum, cause] : causes)
        row(cause, map[cause], "200 60 40");
    page += "\n</table></div><h2>Students</h2><table><tr><th>Student<th class=\"n\">Points<th "
            "class=\"n\">Passed<th>To be looked at";
    for (const student_result &s : r.students)
        page += "\n<tr><td><a href=\"" +
                html_escaped(replaced(replaced(s.id, "%", "%25"), "#", "%23")) + "/index.html\">" +
                html_escaped(s.id) + "</a><td class=\"n\">" + std::to_string(total(s)) +
                "<td class=\"n\">" +
                std::to_string(std::ranges::count_if(
                    s.cells, [](const grade_cell &c) { return c.cause.empty(); })) +
                "<td>" + html_escaped(join(s.notes, "; "));
    return page + "\n</table><footer><p>" + html_escaped(r.graded_by) + "</footer></html>\n";
}

void write_class(const class_result &r, const fs::path &out)
{
    std::vector<const student_result *> all;
    for (const student_result &s : r.students) {
        all.push_back(&s);
        write_file(out / s.id / "junit.xml", junit_of(r, {&s}));
        write_file(out / s.id / "results.json", gradescope_of(r, s));
        write_file(out / s.id / "index.html", student_page(r, s));
    }
    write_file(out / "junit.xml", junit_of(r, all));
    write_file(out / "grades.csv", csv_of(r));
    write_file(out / "index.html", class_page(r));
}

} // namespace kctx::tools::lab
