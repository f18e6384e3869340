// SPDX-License-Identifier: BSL-1.0
// What stands on the screen: in every width the goal, the keys and the bar.
#include <doctest/doctest.h>

#include <lab/watch.hpp>

using namespace kctx::tools::lab;

static const course &whole()
{
    static const course c = load_course(KCTX_EXERCISES);
    return c;
}

static screen_state state_of(const exercise &e)
{
    screen_state s;
    s.current = &e;
    s.file = e.file().string();
    s.number = 1;
    s.all = whole().exercises.size();
    s.passed = 3;
    s.checked = true;
    s.last.causes.push_back({phase::compile, "sleep-in-atomic", 21,
                             "msleep() may sleep (it waits for a timer), and this context must not",
                             "udelay() for a few microseconds"});
    return s;
}

TEST_CASE("no line is wider than the window, and nothing is missing")
{
    for (const exercise &e : whole().exercises)
        for (const unsigned columns : {60u, 80u, 100u, 200u})
            for (const unsigned rows : {12u, 24u, 50u}) {
                look l;
                l.columns = columns;
                l.rows = rows;
                l.ascii = columns == 80;
                const std::string text = screen_of(state_of(e), l);
                const auto lines = lines_of(text);
                CHECK(lines.size() <= std::max(rows, 14u));
                for (const std::string_view line : lines)
                    CHECK_MESSAGE(width_of(line) <= columns, line);
                CHECK(text.find("Goal: ") != std::string::npos);
                CHECK(text.find("q quit") != std::string::npos);
                CHECK(text.find("3/" + std::to_string(whole().exercises.size())) !=
                      std::string::npos);
            }
}

TEST_CASE("ascii is ascii")
{
    look l;
    l.ascii = true;
    for (const char c : screen_of(state_of(whole().exercises.front()), l))
        CHECK(static_cast<unsigned char>(c) < 0x80);
}

TEST_CASE("no colour unless it is wanted")
{
    look l;
    CHECK(screen_of(state_of(whole().exercises.front()), l).find('\033') == std::string::npos);
    l.color = true;
    CHECK(screen_of(state_of(whole().exercises.front()), l).find('\033') != std::string::npos);
    CHECK_FALSE(look::of(-1, false).color);
}

TEST_CASE("the first cause, and how many more")
{
    look l;
    verdict v;
    v.causes.push_back({phase::compile, "gfp-may-sleep", 19, "kmalloc() may sleep", "GFP_ATOMIC"});
    CHECK(verdict_in_words(v, l) ==
          "✗ kctx[gfp-may-sleep] exercise.cpp:19: kmalloc() may sleep\n  fix: GFP_ATOMIC\n");
    v.causes.push_back(v.causes.front());
    CHECK(verdict_in_words(v, l).find("and 1 more") != std::string::npos);
    CHECK(verdict_in_words(v, l, true).find("more") == std::string::npos);
    CHECK(verdict_in_words({}, l) == "✓ passed\n");
}

TEST_CASE("what a terminal would obey is not printed")
{
    CHECK(printable("a\033[2Jb\x9b"
                    "c\rd\n") == "a?[2Jb?c?d\n");
    CHECK(printable("grün ✓") == "grün ✓");
    CHECK(printable("\xc2\x9b\xed\xa0\x80\xff") == "??????");
}
