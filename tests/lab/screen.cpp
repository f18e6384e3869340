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

TEST_CASE("what is wider than the window is cut, and nothing of it lost")
{
    const std::string wide = "    \033[31m" + std::string(70, 'x') + "\033[0m✓✓";
    const auto lines = folded(wide + "\n\nshort", 60);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "    \033[31m" + std::string(56, 'x'));
    CHECK(lines[0] + lines[1] == wide);
    CHECK(lines[2].empty());
    CHECK(lines[3] == "short");
    CHECK(folded("✓✓✓", 2) == std::vector<std::string>{"✓✓", "✓"});
    look l;
    l.columns = 60;
    screen_state s = state_of(whole().exercises.front());
    s.extra = "https://" + std::string(100, 'a') + "\n    " + std::string(100, 'b');
    const std::string text = screen_of(s, l);
    for (const std::string_view line : lines_of(text))
        CHECK_MESSAGE(width_of(line) <= 60, line);
}

TEST_CASE("what does not fit comes by pages")
{
    look l;
    screen_state s = state_of(whole().exercises.front());
    for (int i = 0; i < 40; ++i)
        s.extra += "line " + std::to_string(i) + "\n";
    std::string all;
    for (s.page = 0; s.page < 4; ++s.page) {
        const std::string text = screen_of(s, l);
        CHECK(lines_of(text).size() == l.rows - 1);
        CHECK(text.find("page " + std::to_string(s.page + 1) + " of 4") != std::string::npos);
        all += text;
    }
    for (int i = 0; i < 40; ++i)
        CHECK(all.find("line " + std::to_string(i) + "\n") != std::string::npos);
    const std::string round = screen_of(s, l); // page 5 of 4
    CHECK(round.find("page 1 of 4") != std::string::npos);
    s.instead = true;
    CHECK(screen_of(s, l).find("sleep-in-atomic") == std::string::npos);
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
