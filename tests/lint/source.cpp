// SPDX-License-Identifier: BSL-1.0
// The reader of C by itself: functions, entry points, conditions; and broken text, which it
// survives.
#include <doctest/doctest.h>

#include "lint.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

using namespace kctx::tools::lint;

namespace {

std::string context_of(const source &text, std::string_view function)
{
    for (const entry &e : text.entries()) {
        if (e.function == function)
            return e.context;
    }
    return "";
}

std::vector<std::string> names(const source &text)
{
    std::vector<std::string> all;
    for (const function &f : text.functions())
        all.push_back(f.name);
    return all;
}

} // namespace

TEST_CASE("functions are found by their bodies")
{
    const source text(R"(
struct ops { int (*f)(int); } __packed;
static const struct ops table = { .f = NULL };
static int __init first(void) { return 0; }
static void __second(struct a *a, bool wait) __must_hold(a) { if (wait) { } }
__printf(2, 3) void third(int n, const char *fmt, ...)
{
#ifdef A
	if (a) {
#else
	if (b) {
#endif
	}
}
int declared(int);
enum { one = (1) };
void fourth(void (*call)(int), int last[3]) { }
)");
    CHECK(names(text) == std::vector<std::string>{"first", "__second", "third", "fourth"});
    const auto &parameters = text.functions()[1].parameters;
    REQUIRE(parameters.size() == 2);
    CHECK(parameters[0].name == "a");
    CHECK_FALSE(parameters[0].chooses);
    CHECK(parameters[1].name == "wait");
    CHECK(parameters[1].chooses);
}

TEST_CASE("the flags of a registration decide about the context")
{
    const source text(R"(
static int a(int i, void *p) { return 0; }
static int b(int i, void *p) { return 0; }
static int c(int i, void *p) { return 0; }
static void d(struct timer_list *t) { }
static int e(struct hrtimer *t) { return 0; }
static void f(struct irq_data *d) { }
static struct irq_chip chip = { .irq_ack = f, };
static int probe(struct x *x)
{
	devm_request_irq(dev, irq, a, IRQF_SHARED, "(,", x);
	request_irq(irq, b, IRQF_PERCPU, "b", x);
	request_threaded_irq(irq, NULL, c, IRQF_ONESHOT, "c", x);
	timer_setup(&x->timer, d, TIMER_IRQSAFE);
	hrtimer_init(&x->hr, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
	x->hr.function = &e;
	return 0;
}
)");
    CHECK(context_of(text, "a") == "IrqCtx");
    CHECK(context_of(text, "b") == "HardIrqCtx");
    CHECK(context_of(text, "c") == "ThreadedIrqCtx");
    CHECK(context_of(text, "d") == "TimerCtx + local_irq_save");
    CHECK(context_of(text, "e") == "HrtimerCtx<hard>");
    CHECK(context_of(text, "f") == "SyscallCtx + raw_spin_lock_irqsave");
}

TEST_CASE("conditions around a call, and arguments of one")
{
    const source text(R"(
void f(struct x *x, int n)
{
	if (in_irq())
		return;
	if (x->a && n) {
		g(x, h(1, 2), "a,b");
	} else if (n)
		g(x);
	g(n);
}
)");
    const function &f = text.functions().at(0);
    const auto within = text.conditions(f, 7, 3);
    CHECK(within.left_by.contains("in_irq"));
    CHECK(within.words.contains("a"));
    CHECK(within.words.contains("n"));
    CHECK(within.instead.contains("g"));
    CHECK_FALSE(within.instead.contains("h"));
    const auto otherwise = text.conditions(f, 9, 3);
    CHECK(otherwise.alone.contains("n"));
    CHECK(otherwise.words.contains("a"));
    CHECK(otherwise.instead.contains("h"));
    const auto after = text.conditions(f, 10, 2);
    CHECK(after.left_by.contains("in_irq"));
    CHECK(after.words.empty());
    CHECK(after.instead.empty());
    CHECK(text.arguments("g", 7, 3) == std::vector<std::string>{"x", "h(1,2)", "\"a,b\""});
}

TEST_CASE("the conditional operator is a condition")
{
    constexpr std::string_view lines = R"(
void f(struct x *x, int n)
{
	v = x->a == 1 ? g(x) :
		h(x);
	v = n ? 1 : k(x, m ?: g(x)) + h(1);
	v = (a ? b : c) + g(n);
	v = a ? g(1) : !b ? h(2) : k(3);
	if (n)
		do {
			g(4);
		} while (m);
	else
		h(4);
	case A: g(5);
}
)";
    const source text{std::string(lines)};
    const function &f = text.functions().at(0);
    const auto at = [&](int line, std::string_view call) {
        std::size_t begin = 0;
        for (int n = 1; n < line; ++n)
            begin = lines.find('\n', begin) + 1;
        return text.conditions(f, line, static_cast<int>(lines.find(call, begin) - begin) + 1);
    };
    using words = std::set<std::string>;
    CHECK(at(4, "g(x)").words == words{"a", "x"});
    CHECK(at(4, "g(x)").instead == words{"h", "x"});
    CHECK(at(5, "h(x)").words == words{"a", "x"});
    CHECK(at(5, "h(x)").instead == words{"g", "x"});
    CHECK(at(6, "k(x").alone == words{"n"});
    CHECK(at(6, "g(x)").alone == words{"m", "n"});
    CHECK(at(6, "h(1)").words == words{"n"});
    CHECK(at(7, "g(n)").words.empty());
    CHECK(at(8, "g(1)").words == words{"a"});
    CHECK(at(8, "g(1)").instead == words{"b", "h", "k"});
    CHECK(at(8, "h(2)").words == words{"a", "b"});
    CHECK(at(8, "h(2)").instead == words{"g", "k"});
    CHECK(at(8, "k(3)").words == words{"a", "b"});
    CHECK(at(8, "k(3)").instead == words{"g", "h"});
    CHECK(at(11, "g(4)").words == words{"n"});
    CHECK(at(11, "g(4)").instead == words{"h"});
    CHECK(at(14, "h(4)").instead.contains("g"));
    CHECK(at(15, "g(5)").words.empty());
}

TEST_CASE("every function is marked, and lines stay where they are")
{
    const source text("int f(void)\n{\n\treturn 0;\n}\nint g(int a) { return a; }\n");
    CHECK(text.marked("/d/f.c", {"readl"}) ==
          "#undef readl\n#line 1 \"/d/f.c\"\nint f(void)\nKCTX_FN {\n\treturn 0;\n}\nint g(int a) "
          "KCTX_FN { return a; }\n");
}

TEST_CASE("broken text is read to its end")
{
    std::vector<std::string> texts;
    for (const auto &file : std::filesystem::directory_iterator(KCTX_CASES)) {
        std::ifstream in(file.path());
        texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    std::sort(texts.begin(), texts.end()); // the same in each run
    REQUIRE_FALSE(texts.empty());
    std::mt19937 random(1);
    const std::string signs = "(){}[]\"'#\\/*;,=.&\n ";
    for (int round = 0; round < 1500; ++round) {
        std::string text = texts[random() % texts.size()];
        text = text.substr(random() % text.size());
        text.resize(random() % 600);
        for (int change = 0; change < 8 && !text.empty(); ++change)
            text[random() % text.size()] = signs[random() % signs.size()];
        const source read(text);
        for (const function &f : read.functions()) {
            CHECK(f.first_line <= f.last_line);
            (void)read.conditions(f, f.last_line, 1);
        }
        for (int line = 1; line < 9; ++line)
            (void)read.arguments("spin_lock", line, 1);
        CHECK(read.marked("x", {}).size() >= text.size());
    }
}
