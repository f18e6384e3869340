// SPDX-License-Identifier: BSL-1.0
// What compilers print, reduced to slug and the answer's line.
#include <doctest/doctest.h>

#include <lab/judge.hpp>

#include <random>

using namespace kctx::tools::lab;

static const char gcc[] =
    "In file included from exercise.cpp:3:\n"
    "exercise.cpp: In function 'void f(kctx::IrqCtx)':\n"
    "exercise.cpp:20:11: error: 'kctx::call::msleep::in<Context>::in() [with Context = "
    "kctx::IrqCtx]' is unavailable: kctx[sleep-in-atomic]: msleep() may sleep (it waits for a "
    "timer), and this context must not; fix: udelay() for a few microseconds\n"
    "   20 |     msleep(ctx, 1);\n"
    "/x/include/kctx/api/delay.hpp:31:1: note: declared here\n"
    "exercise.cpp: In instantiation of 'void g(C) [with C = kctx::IrqCtx]':\n"
    "exercise.cpp:30:6:   required from here\n"
    "/x/include/kctx/core/call.hpp:9:1: error: kctx[missing-token]: a call; fix: pass it\n"
    "exercise.cpp:33:12: error: ignoring return value of 'int h()', declared with attribute "
    "'nodiscard' [-Werror=unused-result]\n"
    "exercise.cpp:40:5: warning: unused variable 'x' [-Wunused-variable]\n"
    "exercise.cpp:50:5: error: expected ';' before '}' token\n";

TEST_CASE("g++")
{
    const auto errors = errors_in(gcc, "exercise.cpp");
    REQUIRE(errors.size() == 4);
    CHECK(errors[0].name == "sleep-in-atomic");
    CHECK(errors[0].line == 20);
    CHECK(errors[0].text == "msleep() may sleep (it waits for a timer), and this context must not");
    CHECK(errors[0].fix == "udelay() for a few microseconds");
    CHECK(errors[1].name == "missing-token");
    CHECK(errors[1].line == 30);
    CHECK(errors[2].name == "discarded-result");
    CHECK(errors[3].name == "c++");
    CHECK(errors[3].line == 50);
    const auto warnings = errors_in(gcc, "exercise.cpp", "warning");
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].line == 40);
}

TEST_CASE("clang")
{
    const auto errors = errors_in(
        "/x/include/kctx/lock/a.hpp:4:9: error: 'spin_lock<kctx::IrqCtx>' is unavailable: "
        "kctx[rt-lock-in-raw-section]: spin_lock() takes a spinlock_t; fix: outside\n"
        "/tmp/y/exercise.cpp:12:5: note: expanded from here\n"
        "/tmp/y/exercise.cpp:14:5: note: another\n"
        "1 error generated.\n",
        "exercise.cpp");
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].name == "rt-lock-in-raw-section");
    CHECK(errors[0].line == 12);
}

TEST_CASE("an error of another file of the same ending is not the answer's")
{
    const auto errors = errors_in("not-exercise.cpp:7:1: error: x\n", "exercise.cpp");
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].line == 0);
}

TEST_CASE("whatever is printed")
{
    std::mt19937 random(3);
    for (int i = 0; i < 3000; ++i) {
        std::string text(gcc);
        for (auto n = random() % 30; n != 0; --n)
            text[random() % text.size()] = static_cast<char>(random());
        CHECK(errors_in(text.substr(0, random() % text.size()), "exercise.cpp").size() < 50);
    }
}
