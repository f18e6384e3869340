// SPDX-License-Identifier: BSL-1.0
// What no answer may hold.
#include <doctest/doctest.h>

#include <lab/guard.hpp>

#include <algorithm>
#include <random>

using namespace kctx::tools::lab;

static const char starter[] = "#include <kctx/kctx.hpp>\n"
                              "using namespace kctx;\n"
                              "void f(IrqCtx ctx) { udelay(10); } // TODO 1\n";

/// The complaint about the starter with @p more behind it.
static std::string says(const std::string &more)
{
    const auto found = look_for_forbidden(exercise{}, starter, starter + more);
    return found ? std::to_string(found->line) + ": " + found->text : "";
}

TEST_CASE("an honest answer")
{
    CHECK(says("") == "");
    CHECK(says("#include <kctx/api/timer.hpp>\n#include <kctx/lock/rcu.hpp>\n") == "");
    CHECK(says("int g(ProcessCtx ctx) { return 0; } // asm, fork(), #include <x>\n") == "");
    CHECK(says("const char *s = \"system(1) # main\"; char c = '\"'; int n = 1'000;\n") == "");
    CHECK(says("/* #define x\n#include \"/etc/passwd\"\n*/ int g;\n") == "");
}

TEST_CASE("directives")
{
    CHECK(says("#include \"/etc/passwd\"\n").find("4: `#include \"/etc/passwd\"`") == 0);
    CHECK(says("#include </etc/passwd>\n") != "");
    CHECK(says("#include <string.h>\n") == "");
    CHECK(says("#include <stdlib.h>\n") != "");
    CHECK(says("#include <kctx/api/../../../etc/passwd>\n") != "");
    CHECK(says("#include <kctx/sim.hpp>\n") != "");
    CHECK(says("#define udelay(x)\n") != "");
    CHECK(says("  #  undef x\n") != "");
    CHECK(says("/* */ # define x\n") != "");
    CHECK(says("%:include \"/etc/passwd\"\n") != "");
    CHECK(says("\\\n#define x\n") != "");
    CHECK(says("#def\\\nine x\n") != "");
    CHECK(says("#def\\ \t\nine x\n") != "");
    CHECK(says("?\?=include \"/etc/passwd\"\n") != "");
    CHECK(says("int a; // \\\n hidden\n#define x\n") != "");
    CHECK(says("char c = '\\''; /* ' */\n#define x\n") != "");
    CHECK(says("auto s = R\"(\")\";\n#define x\n") != "");
}

TEST_CASE("words")
{
    for (const char *word : {"asm",
                             "__asm__",
                             "extern",
                             "main",
                             "assume_context",
                             "KCTX_UNCHECKED",
                             "LAB_TEST",
                             "__attribute__",
                             "__builtin_trap",
                             "std",
                             "fork",
                             "system",
                             "_exit",
                             "reinterpret_cast",
                             "mint",
                             "detail",
                             "host",
                             "lab",
                             "import",
                             "_Pragma",
                             "throw",
                             "constructor"})
        CHECK_MESSAGE(says(std::string("int ") + word + ";\n") != "", word);
    CHECK(says("as\\\nm(\"\");\n") != "");
    CHECK(says("namespace kctx { }\n") != "");
    CHECK(says("namespace kctx::core { }\n") != "");
    CHECK(says("using namespace kctx;\n") == "");
    exercise e;
    e.forbid = {"GFP_ATOMIC"};
    CHECK(look_for_forbidden(e, starter, std::string(starter) + "auto f = GFP_ATOMIC;\n"));
    CHECK_FALSE(look_for_forbidden(e, "// GFP\nauto f = GFP_ATOMIC;", "auto f = GFP_ATOMIC;"));
    CHECK(look_for_forbidden(e, starter, std::string(starter) + std::string(1, '\0')));
}

TEST_CASE("lines keep their numbers, whatever the text")
{
    std::mt19937 random(11);
    const char letters[] = "ab\"'\\/*\n\r #%:()R\"(x";
    for (int i = 0; i < 20000; ++i) {
        std::string text;
        for (auto n = random() % 60; n != 0; --n)
            text += letters[random() % (sizeof letters - 1)];
        const std::string code = code_of(text);
        const auto newlines = [](const std::string &t) {
            return std::count(t.begin(), t.end(), '\n');
        };
        // What is joined at the very end of the file has no newline to come.
        CHECK(newlines(code) <= newlines(text));
        look_for_forbidden(exercise{}, starter, text);
    }
}
