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
    CHECK(within.contains("left by in_irq"));
    CHECK(within.contains("a"));
    CHECK(within.contains("n"));
    CHECK(text.conditions(f, 9, 3).contains("alone n"));
    const auto after = text.conditions(f, 10, 2);
    CHECK(after.contains("left by in_irq"));
    CHECK_FALSE(after.contains("n"));
    CHECK(text.arguments("g", 7, 3) == std::vector<std::string>{"x", "h(1,2)", "\"a,b\""});
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
