// SPDX-License-Identifier: BSL-1.0
// Exercises as they are read: what is wrong with one is said with file and line.
#include <doctest/doctest.h>

#include <lab/format.hpp>
#include <lab/pack.hpp>
#include <lab/verify.hpp>

#include <random>

using namespace kctx::tools::lab;

namespace {

std::string complaint(const std::string &source)
{
    try {
        const variants v("exercise.cpp", source);
        return "";
    } catch (const content_error &e) {
        return e.what();
    }
}

const course &whole()
{
    static const course c = load_course(KCTX_EXERCISES);
    return c;
}

/// A course of one exercise, which a test may break.
class small_course
{
    scratch_folder scratch_;

public:
    small_course()
    {
        fs::copy(fs::path(KCTX_EXERCISES) / "10-contexts/101-wait-in-isr", exercise());
        write_file(file("course.json"),
                   R"({"format":1,"title":"t","welcome":"w","farewell":"f",
                       "groups":[{"id":"10-contexts","title":"c"}]})");
    }
    fs::path file(const char *name) const { return scratch_.path() / name; }
    fs::path exercise() const
    {
        fs::create_directories(scratch_.path() / "10-contexts");
        return scratch_.path() / "10-contexts/101-wait-in-isr";
    }
    void replace(const char *name, std::string_view from, std::string_view to) const
    {
        const std::string text = read_file(exercise() / name);
        REQUIRE(text.find(from) != std::string::npos);
        write_file(exercise() / name, replaced(text, from, to));
    }
    std::string says() const
    {
        try {
            load_course(scratch_.path());
            return "";
        } catch (const content_error &e) {
            return e.what();
        }
    }
};

} // namespace

TEST_CASE("one source gives starter, solution and wrong answers")
{
    const variants v("exercise.cpp", "// SPDX-License-Identifier: BSL-1.0\na\n// [[solve]]\nright\n"
                                     "// [[stub]]\nstub\n// [[wrong one]]\nwrong\n// [[end]]\nb\n"
                                     "// [[solve]]\nmore\n// [[end]]\n");
    CHECK(v.starter() == "a\nstub\nb\n");
    CHECK(v.solution() == "a\nright\nb\nmore\n");
    CHECK(v.wrong_answer("one") == "a\nwrong\nb\nmore\n");
    CHECK_THROWS_AS(v.wrong_answer("two"), std::out_of_range);
    CHECK(v.solution_lines() == std::vector<std::string>{"right", "more"});
}

TEST_CASE("markers that do not fit together")
{
    CHECK(complaint("a\n// [[end]]\n") == "exercise.cpp:2: [[end]] without a beginning");
    CHECK(complaint("// [[solve]]\na\n") == "exercise.cpp:1: no [[end]] follows");
    CHECK(complaint("// [[solved]]\n// [[end]]\n").find("exercise.cpp:1: [[solved]] is not") == 0);
    CHECK(complaint("// [[solve]]\n// [[solve]]\n// [[end]]\n").find(":2: a second") !=
          std::string::npos);
    CHECK(complaint("// [[wrong a]]\n// [[end]]\n").find("neither") != std::string::npos);
    CHECK(complaint("// [[wrong A b]]\n// [[end]]\n") != "");
}

TEST_CASE("an exercise that does not say what it should")
{
    const small_course c;
    REQUIRE(c.says() == "");
    SUBCASE("not JSON: the line")
    {
        c.replace("exercise.json", "\"points\"", "points");
        CHECK(c.says().find("exercise.json:") != std::string::npos);
        CHECK(c.says().find(": is not JSON") != std::string::npos);
    }
    SUBCASE("a word that is not known")
    {
        c.replace("exercise.json", "\"points\": 2", "\"points\": 2, \"pionts\": 3");
        CHECK(c.says().find("\"pionts\" is not known") != std::string::npos);
    }
    SUBCASE("a phase that is not known")
    {
        c.replace("exercise.json", "compile: sleep-in-atomic\",\n  \"at\"",
                  "compiles: sleep-in-atomic\",\n  \"at\"");
        CHECK(c.says().find("is not PHASE: NAME") != std::string::npos);
    }
    SUBCASE("a TODO that is not there")
    {
        c.replace("exercise.json", "\"at\": 1", "\"at\": 7");
        CHECK(c.says().find("has no TODO 7") != std::string::npos);
    }
    SUBCASE("a wrong answer without a reason")
    {
        c.replace("exercise.cpp", "[[wrong none]]", "[[wrong other]]");
        CHECK(c.says().find("has a wrong answer \"other\"") != std::string::npos);
    }
    SUBCASE("two hints")
    {
        c.replace("hints.md", "\n---\n", "\n\n");
        CHECK(c.says().find("three hints") != std::string::npos);
    }
    SUBCASE("no source")
    {
        c.replace("why.md", "Source:", "From:");
        CHECK(c.says().find("names no source") != std::string::npos);
    }
    SUBCASE("a file that does not belong there")
    {
        write_file(c.exercise() / "solution.cpp", "");
        CHECK(c.says().find("does not belong") != std::string::npos);
    }
}

TEST_CASE("texts of any kind are read or refused, never more than that")
{
    std::mt19937 random(7);
    const std::string whole_text =
        read_file(fs::path(KCTX_EXERCISES) / "10-contexts/102-flash-under-lock/exercise.cpp");
    for (int i = 0; i < 3000; ++i) {
        std::string text = whole_text.substr(0, random() % whole_text.size());
        for (auto n = random() % 20; n != 0 && !text.empty(); --n)
            text[random() % text.size()] = static_cast<char>(random());
        try {
            const variants v("exercise.cpp", text);
            CHECK(v.starter().size() <= text.size() + 1);
            const check_source c("check.cpp", text);
            CHECK(c.common.size() <= text.size() + 1);
        } catch (const content_error &) {
        }
    }
}

TEST_CASE("the course")
{
    CHECK(whole().exercises.size() >= 30);
    CHECK(whole().groups.size() == 7);
    CHECK(whole().find("101") != nullptr);
    CHECK(whole().find("101-wait-in-isr") == whole().find("101"));
    CHECK(whole().find("10") == nullptr);
    std::size_t kinds[6] = {};
    for (const exercise &e : whole().exercises) {
        CHECK(e.wrong.size() >= 2);
        ++kinds[static_cast<std::size_t>(e.kind)];
    }
    for (const std::size_t n : kinds)
        CHECK(n >= 2);
}

TEST_CASE("a student's numbers: his own, always the same, and within their bounds")
{
    const exercise *e = whole().find("602");
    REQUIRE(e != nullptr);
    CHECK(e->drawn(5) == e->drawn(5));
    bool differ = false;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        differ = differ || e->drawn(seed) != e->drawn(seed + 1);
        for (const draw &d : e->draws) {
            CHECK(e->drawn(seed).at(d.name) >= d.least);
            CHECK(e->drawn(seed).at(d.name) <= d.most);
        }
        CHECK(e->filled(e->source.starter(), seed).find('@') == std::string::npos);
    }
    CHECK(differ);
}

TEST_CASE("no hint holds a line of its solution")
{
    for (const exercise &e : whole().exercises)
        for (const std::string &line : secret_lines(e))
            for (const std::string &hint : e.hints) {
                std::string packed;
                for (const char c : hint)
                    if (c != ' ' && c != '\n')
                        packed += c;
                CHECK_MESSAGE(packed.find(line) == std::string::npos, e.id);
            }
}

TEST_CASE("the students' copy holds no solution, no wrong answer and no why.md")
{
    const scratch_folder scratch;
    const place p{KCTX_EXERCISES, fs::path(KCTX_PROJECT) / "include", KCTX_PROJECT};
    pack(p, whole(), "students", scratch.path() / "copy");
    for (const std::string &leak : leaks_in(scratch.path() / "copy", whole()))
        FAIL_CHECK(leak);
    const course copy = load_course(scratch.path() / "copy/exercises");
    CHECK(copy.exercises.size() == whole().exercises.size());
    CHECK_FALSE(copy.complete);
    for (std::size_t i = 0; i < copy.exercises.size(); ++i) {
        CHECK(copy.exercises[i].source.starter() == whole().exercises[i].source.starter());
        CHECK(copy.exercises[i].wrong.empty());
        CHECK(copy.exercises[i].why.empty());
    }
    // What looks for leaks finds one.
    const exercise &first = whole().exercises.front();
    write_file(scratch.path() / "copy" / first.file(), whole().exercises[1].source.solution());
    write_file(scratch.path() / "copy/notes" / whole().exercises[1].id / "n.cpp",
               whole().exercises[1].source.solution());
    CHECK_FALSE(leaks_in(scratch.path() / "copy", whole()).empty());
}
