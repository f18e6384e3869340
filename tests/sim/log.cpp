// SPDX-License-Identifier: BSL-1.0
// The lines of reports, their order, what stands before them, and the trace of each architecture.
#include <doctest/doctest.h>

#include "simulate.hpp"

#include <kctx/api/delay.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/printk.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;
using sim::preemption;

namespace {

constexpr auto ctx = assume_context<ProcessCtx>("the tests are where they say");
spinlock_t lock;

sim::machine_config x86(unsigned version)
{
    sim::machine_config m = kernel_of(version, kernel::arch::x86, preemption::full);
    m.release = "5.19.0";
    m.build = "#7";
    return m;
}

void sleep_locked()
{
    const sim::frame in("card_write");
    spinlock_t own; // a machine that panics keeps it
    KCTX_SPIN_LOCK(ctx, own)
        schedule(ctx);
}

std::vector<std::string> report(sim::machine &m, std::vector<const char *> entry)
{
    m.spawn({.comm = "insmod", .pid = 826, .entry = std::move(entry)}, sleep_locked);
    m.run();
    std::vector<std::string> lines;
    for (const sim::log_record &r : m.log.records())
        lines.push_back(r.line);
    return lines;
}

void tell_symbols(sim::machine &m)
{
    m.symbols.add(
        "schedule",
        {.returns_to = 0xc0350f50, .offset = 0x324, .size = 0x34c, .stack = 0x50, .module = ""});
    m.symbols.add(
        "card_write",
        {.returns_to = 0xf107c0dc, .offset = 0xdc, .size = 0x1e8, .stack = 0x40, .module = "card"});
}

} // namespace

TEST_CASE("x86, 5.19")
{
    sim::machine m(x86(KCTX_VERSION(5, 19, 0)));
    tell_symbols(m);
    m.symbols.add(
        "ret_from_fork",
        {.returns_to = 0xffffffff81000020, .offset = 0x22, .size = 0x30, .stack = 0, .module = ""});
    for (const char *name : {"dump_stack_lvl", "dump_stack", "__schedule_bug", "__schedule"})
        m.symbols.add(name, {.returns_to = 0xffffffff81000123,
                             .offset = 0x45,
                             .size = 0x67,
                             .stack = 8,
                             .module = ""});
    m.load_module("card(O)");
    auto lines = report(m, {"ret_from_fork"});
    REQUIRE(lines.size() > 13);
    lines.resize(13);
    CHECK(lines == std::vector<std::string>{
                       "BUG: scheduling while atomic: insmod/826/0x00000002",
                       "Modules linked in: card(O)",
                       "CPU: 0 PID: 826 Comm: insmod Tainted: G           O       5.19.0 #7",
                       "Call Trace:",
                       " <TASK>",
                       " dump_stack_lvl+0x45/0x67",
                       " dump_stack+0x45/0x67",
                       " __schedule_bug+0x45/0x67",
                       " __schedule+0x45/0x67",
                       " schedule+0x324/0x34c",
                       " card_write+0xdc/0x1e8 [card]",
                       " ret_from_fork+0x22/0x30",
                       " </TASK>",
                   });
    // The next report, when the task exits: TAINT_WARN is the tenth of 19 flags.
    CHECK(lines_with(m, "CPU:").at(1) ==
          "CPU: 0 PID: 826 Comm: insmod Tainted: G        W  O       5.19.0 #7");
}

TEST_CASE("powerpc, 2.6.32: stack addresses from the sizes of the frames")
{
    sim::machine m(kernel_of(KCTX_VERSION(2, 6, 32), kernel::arch::powerpc, preemption::full));
    tell_symbols(m);
    m.symbols.add(
        "show_stack",
        {.returns_to = 0xc00081e0, .offset = 0x3c, .size = 0x194, .stack = 0x30, .module = ""});
    m.symbols.add(
        "__schedule_bug",
        {.returns_to = 0xc0019b2c, .offset = 0x64, .size = 0x78, .stack = 0x20, .module = ""});
    m.spawn({.comm = "insmod",
             .pid = 826,
             .stack_top = 0xef12fff0,
             .user = {.trap = 0xc01, .pc = 0xff29658, .link = 0x10031300}},
            sleep_locked);
    CHECK(m.run() == sim::outcome::idle);
    CHECK(m.log.dmesg() == "BUG: scheduling while atomic: insmod/826/0x00000002\n"
                           "Modules linked in:\n"
                           "Call Trace:\n"
                           "[ef12ff10] [c00081e0] show_stack+0x3c/0x194 (unreliable)\n"
                           "[ef12ff40] [c0019b2c] __schedule_bug+0x64/0x78\n"
                           "[ef12ff60] [c0350f50] schedule+0x324/0x34c\n"
                           "[ef12ffb0] [f107c0dc] card_write+0xdc/0x1e8 [card]\n"
                           "--- Exception: c01 at 0xff29658\n"
                           "    LR = 0x10031300\n");
}

TEST_CASE("arm, 2.6.33: who calls whom; in an interrupt the task that it interrupted")
{
    sim::machine_config config =
        kernel_of(KCTX_VERSION(2, 6, 33), kernel::arch::arm, preemption::full);
    config.release = "2.6.33.5";
    config.build = "#19";
    sim::machine m(config);
    tell_symbols(m);
    m.symbols.add(
        "asm_do_IRQ",
        {.returns_to = 0xc0026074, .offset = 0x74, .size = 0xa0, .stack = 0x20, .module = ""});
    m.irq_at(0, sleep_locked, {"asm_do_IRQ"});
    m.run();
    const auto lines = lines_with(m, "");
    CHECK(lines.at(0) == "BUG: scheduling while atomic: swapper/0/0x00010003");
    CHECK(lines.at(2).empty());
    CHECK(lines.at(3) == "Pid: 0, comm:              swapper");
    CHECK(lines.at(4) == "CPU: 0    Not tainted  (2.6.33.5 #19)");
    CHECK(lines_with(m, "[<f107c000>]").at(0) ==
          "[<f107c000>] (card_write+0x0/0x1e8 [card]) from [<c0026074>] (asm_do_IRQ+0x74/0xa0)");
    CHECK(lines_with(m, "[<c0350c2c>]").at(0) ==
          "[<c0350c2c>] (schedule+0x0/0x34c) from [<f107c0dc>] (card_write+0xdc/0x1e8 [card])");
}

TEST_CASE("arm64, 4.19: the innermost function has called nobody")
{
    sim::machine m(kernel_of(KCTX_VERSION(4, 19, 0), kernel::arch::arm64, preemption::full));
    m.symbols.add("dump_backtrace", {.returns_to = 0xffff000008088000,
                                     .offset = 0,
                                     .size = 0x170,
                                     .stack = 0x10,
                                     .module = ""});
    m.symbols.add("show_stack", {.returns_to = 0xffff000008088190,
                                 .offset = 0x24,
                                 .size = 0x30,
                                 .stack = 0x10,
                                 .module = ""});
    const auto lines = report(m, {});
    CHECK(lines.at(3) == "Call trace:");
    CHECK(lines.at(4) == " dump_backtrace+0x0/0x170");
    CHECK(lines.at(5) == " show_stack+0x24/0x30");
}

TEST_CASE("functions that nobody has told symbols of have some, and always the same ones")
{
    const auto trace = [] {
        sim::machine m(x86(KCTX_VERSION(5, 19, 0)));
        report(m, {"ret_from_fork"});
        return m.log.dmesg();
    };
    const std::string first = trace();
    CHECK(first == trace());
    CHECK(first.find(" card_write+0x") != first.npos);
    const sim::symbol s = sim::symbol_table().find("card_write", 0xc0008000);
    CHECK(s.offset < s.size);
    CHECK(s.start() >= 0xc0008000);
}

TEST_CASE("time and level before a line, as the kernel and old rings have them")
{
    sim::machine_config config = x86(KCTX_VERSION(2, 6, 32));
    config.printk_time = config.printk_level = true;
    config.boot_ns = 1'947'900'000'000;
    sim::machine m(config);
    std::string console;
    m.log.set_sink([&](std::string_view line) { console += std::string(line) + "\n"; });
    m.printk(sim::level::err, "first\nsecond");
    CHECK(console == "<3>[ 1947.900000] first\n<3>[ 1947.900000] second\n");
    CHECK(console == m.log.dmesg());
}

TEST_CASE("pr_cont() goes on with the line of its own caller")
{
    sim::machine m(x86(KCTX_VERSION(6, 1, 0)));
    std::vector<std::string> console;
    m.log.set_sink([&](std::string_view line) { console.emplace_back(line); });
    m.spawn({.comm = "insmod", .pid = 826, .entry = {}}, [&] {
        pr_info("a");
        CHECK(console.empty()); // the line is open
        pr_cont(" b");
        pr_cont(" c\n");
        pr_cont("alone\n");
        pr_info("open");
        m.hardirq([] { pr_cont("of the interrupt\n"); });
        pr_cont("late\n");
        pr_info("never closed");
    });
    m.run();
    CHECK(console ==
          std::vector<std::string>{"a b c", "alone", "open", "of the interrupt", "late"});
    CHECK(m.log.records().back().line == "never closed");
    CHECK(m.log.records()[1].level == sim::level::warning);
}

TEST_CASE("printk() has the kernel's conversions")
{
    sim::machine m(x86(KCTX_VERSION(6, 1, 0)));
    m.spawn({.comm = "insmod", .pid = 826, .entry = {}}, [] {
        pr_err("probe: %pe\n", ERR_PTR(-EPROBE_DEFER));
        const unsigned char mac[] = {0, 0x1b, 0x21, 0xaa, 0xbb, 0xcc};
        pr_err("%pM\n", static_cast<const void *>(mac));
    });
    m.run();
    CHECK(m.log.dmesg() == "probe: -EPROBE_DEFER\n00:1b:21:aa:bb:cc\n");
}

TEST_CASE("the ring keeps the newest lines")
{
    sim::machine_config config = x86(KCTX_VERSION(6, 1, 0));
    config.log_bytes = 1024;
    sim::machine m(config);
    for (int i = 0; i < 100; ++i)
        m.printk(sim::level::info, std::string(100, static_cast<char>('a' + i % 26)));
    CHECK(m.log.records().size() == 10);
    CHECK(m.log.records().back().line[0] == 'a' + 99 % 26);
}

TEST_CASE("panic_on_warn ends the machine at the report")
{
    sim::machine_config config = x86(KCTX_VERSION(6, 1, 0));
    config.panic_on_warn = true;
    sim::machine m(config);
    bool after = false;
    m.spawn({.comm = "sh", .pid = 7}, [&] {
        sleep_locked();
        after = true;
    });
    CHECK(m.run() == sim::outcome::panicked);
    CHECK(!after);
    const std::string why = "scheduling while atomic: panic_on_warn set ...";
    CHECK(lines_with(m, "Kernel panic").at(0) == "Kernel panic - not syncing: " + why);
    CHECK(lines_with(m, "---[").at(0) == "---[ end Kernel panic - not syncing: " + why + " ]---");
    CHECK(m.run() == sim::outcome::panicked);
}

TEST_CASE("might_sleep()")
{
    sim::machine_config config = x86(KCTX_VERSION(6, 12, 0));
    config.debug_atomic_sleep = true;
    const auto complaint = [](sim::machine_config c, void (*what)(sim::machine &)) {
        sim::machine m(std::move(c));
        m.spawn({.comm = "sh", .pid = 7}, [&] { what(m); });
        m.run();
        std::vector<std::string> lines = lines_with(m, "BUG: sleeping");
        for (const char *start : {"in_atomic()", "preempt_count:", "RCU nest"})
            for (const std::string &line : lines_with(m, start))
                lines.push_back(line);
        return lines;
    };
    const auto check = [](sim::machine &m) { m.might_sleep("mm/slab.h", 321); };
    const auto check_locked = [](sim::machine &m) {
        KCTX_SPIN_LOCK(ctx, lock)
            m.might_sleep("mm/slab.h", 321);
    };
    const auto check_irqs_off = [](sim::machine &m) {
        KCTX_LOCAL_IRQ_DISABLE(ctx)
            m.might_sleep("mm/slab.h", 321);
    };
    using expected = std::vector<std::string>;
    const std::string first = "BUG: sleeping function called from invalid context at mm/slab.h:321";
    CHECK(complaint(config, check).empty());
    CHECK(complaint(config, check_locked) ==
          expected{first, "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 7, name: sh",
                   "preempt_count: 1, expected: 0", "RCU nest depth: 0, expected: 0"});
    CHECK(complaint(config, check_irqs_off) ==
          expected{first, "in_atomic(): 0, irqs_disabled(): 1, non_block: 0, pid: 7, name: sh",
                   "preempt_count: 0, expected: 0", "RCU nest depth: 0, expected: 0"});
    config.debug_atomic_sleep = false;
    CHECK(complaint(config, check_locked).empty());

    sim::machine_config old =
        kernel_of(KCTX_VERSION(3, 10, 0), kernel::arch::arm, preemption::full);
    old.debug_atomic_sleep = true;
    CHECK(complaint(old, check_irqs_off) ==
          expected{first, "in_atomic(): 0, irqs_disabled(): 128, pid: 7, name: sh"});
}

TEST_CASE("might_sleep() reports once a second, whoever is meant")
{
    sim::machine_config config = x86(KCTX_VERSION(6, 1, 0));
    config.debug_atomic_sleep = true;
    sim::machine m(config);
    m.spawn({.comm = "sh", .pid = 7}, [&] {
        for (int i = 0; i < 30; ++i) {
            KCTX_SPIN_LOCK(ctx, lock)
                m.might_sleep("mm/slab.h", 321);
            mdelay(100);
        }
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(lines_with(m, "BUG: sleeping").size() == 3);
}

TEST_CASE("machines that cannot be")
{
    const auto refused = [](auto change) -> std::string {
        sim::machine_config config;
        change(config);
        try {
            const sim::machine m(config);
        } catch (const std::invalid_argument &e) {
            return e.what();
        }
        return "";
    };
    CHECK(refused([](auto &) {}).empty());
    CHECK(refused([](auto &c) { c.cpus = 0; }) ==
          "kctx::sim::machine_config: cpus: 0, and 1 to 256 are simulated");
    CHECK(refused([](auto &c) { c.hz = 0; }) ==
          "kctx::sim::machine_config: hz: 0, and kernels have 24 to 1200");
    CHECK(refused([](auto &c) { c.version = KCTX_VERSION(2, 4, 20); }) ==
          "kctx::sim::machine_config: version: 2.6.32 or later is simulated");
    CHECK(refused([](auto &c) { c.arch = kernel::arch::mips; }).find("arch") != std::string::npos);
    CHECK(refused([](auto &c) { c.log_bytes = 10; }).find("log_bytes") != std::string::npos);

    sim::machine m({});
    CHECK_THROWS_WITH_AS(m.spawn({.comm = "sh", .pid = 7, .cpu = 3}, [] {}),
                         "kctx::sim::machine::spawn: there is no CPU 3", std::invalid_argument);
    CHECK_THROWS_AS(m.spawn({.comm = "sh"}, [] {}), std::invalid_argument);
    CHECK_THROWS_AS(m.irq_at(0, [] {}, {}, 1), std::invalid_argument);
}
