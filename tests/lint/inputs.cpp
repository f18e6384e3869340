// SPDX-License-Identifier: BSL-1.0
// The readers of what others write: Kbuild's .cmd files, compile_commands.json, clang's
// diagnostics. What is malformed is refused with the line and the reason, and nothing that is
// broken ends them.
#include <doctest/doctest.h>

#include "lint.hpp"

#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace kctx::tools::lint;

namespace {

const std::string cmd_file =
    R"(savedcmd_drivers/x/y.o := gcc -Wp,-MMD,drivers/x/.y.o.d -nostdinc -I./include -I arch/x86 -DA='"b c"' -c -o drivers/x/y.o drivers/x/y.c

source_drivers/x/y.o := drivers/x/y.c

deps_drivers/x/y.o := \
    $(wildcard include/config/A) \
  include/linux/kernel.h \

drivers/x/y.o: $(deps_drivers/x/y.o)

$(deps_drivers/x/y.o):
)";
constexpr std::string_view commands = R"([
 {"directory": "/k", "file": "a.c", "command": "gcc -Ii -DX='a b' -c a.c"},
 {"directory": "/k", "file": "/k/d/b.c", "arguments": ["gcc", "-I/i", "-DY=it's", "-c", "b.c"]},
 {"directory": "/k", "file": "c.S", "command": "gcc -c c.S"}
])";
constexpr std::string_view said = R"(In file included from /d/a.c:1:
/d/a.c:5:2: warning: cannot call function 'msleep' while section 'kctx_entered' is held [-Wthread-safety-analysis]
/d/a.c:5:2: note: expanded from macro 'SLEEP'
/d/a.c:5:2: warning: cannot call function 'msleep' while section 'held_spin_lock' is held [-Wthread-safety-analysis]
/d/a.c:6:2: warning: function with 'nonblocking' attribute must not call non-'nonblocking' function 'wrapper' [-Wfunction-effects]
/i/h.h:3:1: note: function cannot be inferred 'nonblocking' because it calls non-'nonblocking' function 'schedule'
/d/a.c:7:2: warning: function with 'nonblocking' attribute must not call non-'nonblocking' function 'elsewhere' [-Wfunction-effects]
/d/a.c:9:3: error: use of undeclared identifier 'x'
5 warnings and 1 error generated.
)";

/// Why a text is refused, or nothing.
template <class Read> std::string refused(Read read)
{
    try {
        read();
    } catch (const std::runtime_error &e) {
        return e.what();
    }
    return "";
}
std::string cmd_refused(std::string_view text)
{
    return refused([text] { read_cmd_file("/b/drivers/x/.y.o.cmd", text, "/kdir"); });
}
std::string commands_refused(std::string_view text)
{
    return refused([text] { read_compile_commands("c.json", text, {}); });
}
facts diagnosed(std::string_view text)
{
    facts known;
    function f;
    f.name = "f";
    f.first_line = 4;
    f.last_line = 8;
    known.functions.push_back(f);
    read_diagnostics(text, "/d/a.c", known);
    return known;
}

/// Changes a few places of a text: cut, doubled, or other signs.
std::string mutated(std::string text, std::mt19937 &random)
{
    constexpr std::string_view signs = "\"'\\:=[]{}, \n\0/-_9";
    for (auto change = random() % 6 + 1; change > 0 && !text.empty(); --change) {
        const std::size_t at = random() % text.size();
        switch (random() % 4) {
        case 0:
            text.erase(at, random() % 40);
            break;
        case 1:
            text.insert(at, text.substr(random() % text.size(), random() % 40));
            break;
        default:
            text[at] = signs[random() % signs.size()];
        }
    }
    return text;
}

} // namespace

TEST_CASE(".cmd files of Kbuild")
{
    const job y = read_cmd_file("/b/drivers/x/.y.o.cmd", cmd_file, "/kdir");
    CHECK(y.path == "/b/drivers/x/y.c");
    CHECK(y.flags == std::vector<std::string>{"-I/b/./include", "-I/b/arch/x86", "-DA=\"b c\""});
    // A module out of the tree: make ran in the kernel's build directory.
    const job m = read_cmd_file(
        "/m/.m.o.cmd", "cmd_/m/m.o := gcc -I./include -c /m/m.c\nsource_/m/m.o := /m/m.c\n",
        "/kdir");
    CHECK(m.path == "/m/m.c");
    CHECK(m.flags == std::vector<std::string>{"-I/kdir/./include"});

    const std::string at = "/b/drivers/x/.y.o.cmd:";
    CHECK(cmd_refused("") == at + "0: names no source: it is no .cmd file of an object");
    CHECK(cmd_refused("cmd_y.o := gcc\n\nwhat is this\n") ==
          at + "3: neither a variable nor a rule");
    CHECK(cmd_refused("foo := bar\n") == at + "1: Kbuild writes no variable \"foo\"");
    CHECK(cmd_refused("source_y.o := y.S\n") == at + "1: the source \"y.S\" is no file of C");
    CHECK(cmd_refused("source_y.o := y.c\nsource_y.o := y.c\n") == at + "2: a second source");
    CHECK(cmd_refused("source_y.o := y.c\n\ncmd_y.o := gcc -DX='a\n") ==
          at + "3: a ' is not closed");
    CHECK(cmd_refused(std::string_view("\0ELF", 4)) == at + "1: a zero byte: this is no text");
}

TEST_CASE("compile_commands.json")
{
    const std::vector<job> all = read_compile_commands("c.json", commands, {});
    REQUIRE(all.size() == 2);
    CHECK(all[0].path == "/k/a.c");
    CHECK(all[0].flags == std::vector<std::string>{"-I/k/i", "-DX=a b"});
    CHECK(all[1].path == "/k/d/b.c");
    CHECK(all[1].flags == std::vector<std::string>{"-I/i", "-DY=it's"});
    CHECK(read_compile_commands("c.json", commands, {"/k/a.c"}).size() == 1);
    CHECK(refused([] { read_compile_commands("c.json", commands, {"/k/none.c"}); }) ==
          "c.json does not have /k/none.c");

    CHECK(commands_refused("[\n{,}]").find("line 2, column 2") != std::string::npos);
    CHECK(commands_refused("{}") == "c.json is no compile_commands.json: it is no list");
    CHECK(commands_refused("[1]") == "c.json, entry 1: is no object");
    CHECK(commands_refused(R"([{"directory": "/k", "file": 1}])") ==
          "c.json, entry 1: has no text \"file\"");
    CHECK(commands_refused(R"([{"directory": "/k", "file": "a.c"}])") ==
          "c.json, entry 1: has no text \"command\"");
    CHECK(commands_refused(R"([{"directory": "/k", "file": "a.c", "arguments": [1]}])") ==
          "c.json, entry 1: its \"arguments\" are no list of texts");
    CHECK(commands_refused(R"([{"directory": "/k", "file": "a.c", "command": "gcc \"a"}])") ==
          "c.json, entry 1: a \" is not closed");
}

TEST_CASE("diagnostics of clang")
{
    const facts known = diagnosed(said);
    const function &f = known.functions[0];
    REQUIRE(f.calls.size() == 2);
    CHECK(f.calls[0].callee == "msleep");
    CHECK(f.calls[0].macro == "SLEEP");
    CHECK(f.calls[0].held == std::set<std::string>{"held_spin_lock"});
    CHECK(f.calls[1].callee == "schedule");
    CHECK(f.calls[1].via == std::vector<std::string>{"wrapper"});
    CHECK(f.unknown == std::set<std::string>{"elsewhere"});
    CHECK(known.errors ==
          std::vector<std::string>{"/d/a.c:9:3: error: use of undeclared identifier 'x'"});
    // What has no place in a file is no reason to say that all is well.
    for (const std::string line : {"error: unable to read PCH file", "fatal error: too many errors",
                                   "clang-22: error: unknown argument: '-x'",
                                   "/d/a.c:99999999999:1: warning: y", "/d/a.c:-1:2: error: y"})
        CHECK(diagnosed(line + "\n").errors == std::vector<std::string>{line});
}

TEST_CASE("what is broken is refused with a reason, or read")
{
    std::mt19937 random(1);
    int read = 0;
    for (int round = 0; round < 4000; ++round) {
        const std::string cmd = cmd_refused(mutated(std::string(cmd_file), random));
        CHECK((cmd.empty() || cmd.starts_with("/b/drivers/x/.y.o.cmd:")));
        const std::string list = commands_refused(mutated(std::string(commands), random));
        CHECK((list.empty() || list.starts_with("c.json")));
        read += cmd.empty() ? 1 : 0;
        for (const function &f : diagnosed(mutated(std::string(said), random)).functions) {
            for (const call_site &call : f.calls)
                CHECK((call.line >= f.first_line && call.line <= f.last_line));
        }
    }
    CHECK(read > 0);
    CHECK(read < 4000);
}
