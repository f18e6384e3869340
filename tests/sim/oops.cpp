// SPDX-License-Identifier: BSL-1.0
// The three levels: a BUG goes on, an Oops kills the task with all that it holds, and one that
// nothing can be killed for is a panic. The words are those of the kernels' sources, version by
// version and architecture by architecture.
#include <doctest/doctest.h>

#include "simulate.hpp"

#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;
using sim::machine;
using sim::preemption;
using lines = std::vector<std::string>;

namespace {

constexpr auto ctx = assume_context<ProcessCtx>("the tests are where they say");

/// What a driver does with what it was not given. (Through a pointer that no compiler knows.)
int *volatile nothing = nullptr;
[[gnu::no_sanitize("undefined")]] int read_nothing() { return *nothing; }
[[gnu::no_sanitize("undefined")]] void write_nothing() { *nothing = 1; }

/// The whole log of a machine whose task insmod/826 does @p what.
template <class F> lines log_of(const sim::machine_config &config, F what, sim::outcome ends)
{
    machine m(config);
    m.spawn({.comm = "insmod", .pid = 826}, [&] {
        const sim::frame in("card_probe");
        what(m);
    });
    CHECK(m.run() == ends);
    return lines_with(m, "");
}
/// The lines before the modules: what the fault was.
template <class F>
lines header(unsigned version, kernel::arch arch, F what, preemption preempt = preemption::full)
{
    sim::machine_config config = kernel_of(version, arch, preempt);
    config.cpus = 2;
    config.va_bits = 39;
    lines log = log_of(config, [&](machine &) { what(); }, sim::outcome::idle);
    const auto modules = std::ranges::find(log, "Modules linked in:");
    REQUIRE(modules != log.end());
    log.erase(modules, log.end());
    return log;
}
const auto reads = [] { (void)read_nothing(); };
const auto writes = [] { write_nothing(); };

} // namespace

TEST_CASE("x86: a NULL pointer, read and written")
{
    CHECK(header(KCTX_VERSION(5, 4, 0), kernel::arch::x86, reads) ==
          lines{"BUG: kernel NULL pointer dereference, address: 0000000000000000",
                "#PF: supervisor read access in kernel mode",
                "#PF: error_code(0x0000) - not-present page", "PGD 0 P4D 0 ",
                "Oops: 0000 [#1] PREEMPT SMP"});
    CHECK(header(KCTX_VERSION(5, 4, 0), kernel::arch::x86, writes) ==
          lines{"BUG: kernel NULL pointer dereference, address: 0000000000000000",
                "#PF: supervisor write access in kernel mode",
                "#PF: error_code(0x0002) - not-present page", "PGD 0 P4D 0 ",
                "Oops: 0002 [#1] PREEMPT SMP"});
    CHECK(header(KCTX_VERSION(6, 12, 0), kernel::arch::x86, writes, preemption::rt).back() ==
          "Oops: Oops: 0002 [#1] PREEMPT_RT SMP");
    CHECK(header(KCTX_VERSION(4, 4, 0), kernel::arch::x86, writes, preemption::none).at(0) ==
          "BUG: unable to handle kernel NULL pointer dereference at 0000000000000000");
}

TEST_CASE("arm64: the syndrome says what was accessed, and how far the tables go")
{
    CHECK(header(KCTX_VERSION(5, 4, 0), kernel::arch::arm64, reads) ==
          lines{"Unable to handle kernel NULL pointer dereference at virtual address "
                "0000000000000000",
                "Mem abort info:", "  ESR = 0x96000005",
                "  EC = 0x25: DABT (current EL), IL = 32 bits", "  SET = 0, FnV = 0",
                "  EA = 0, S1PTW = 0", "Data abort info:", "  ISV = 0, ISS = 0x00000005",
                "  CM = 0, WnR = 0", "[0000000000000000] user address but active_mm is swapper",
                "Internal error: Oops: 96000005 [#1] PREEMPT SMP"});
    const lines written = header(KCTX_VERSION(6, 1, 0), kernel::arch::arm64, writes);
    CHECK(written.back() == "Internal error: Oops: 0000000096000045 [#1] PREEMPT SMP");
    CHECK(written.at(2) == "  ESR = 0x0000000096000045");
}

TEST_CASE("arm and powerpc")
{
    const lines arm = header(KCTX_VERSION(3, 10, 0), kernel::arch::arm, writes);
    CHECK(arm.at(0) == "Unable to handle kernel NULL pointer dereference at virtual address "
                       "00000000");
    CHECK(arm.back() == "Internal error: Oops: 805 [#1] PREEMPT SMP ARM");
    CHECK(header(KCTX_VERSION(2, 6, 33), kernel::arch::arm, reads).back() ==
          "Internal error: Oops: 5 [#1] PREEMPT SMP");
    const lines powerpc = header(KCTX_VERSION(2, 6, 32), kernel::arch::powerpc, reads);
    CHECK(powerpc.at(0) == "Unable to handle kernel paging request for data at address 0x00000000");
    CHECK(powerpc.at(2) == "Oops: Kernel access of bad area, sig: 11 [#1]");
}

TEST_CASE("an Oops kills its task; what it holds stays taken, and who waits for it hangs")
{
    sim::machine_config config =
        kernel_of(KCTX_VERSION(5, 4, 0), kernel::arch::x86, preemption::full);
    config.hung_task_timeout = 120;
    machine m(config);
    unsigned word = 0;
    bool after = false;
    bool other = false;
    m.spawn({.comm = "insmod", .pid = 826}, [&] {
        const sim::frame in("card_probe");
        word = 1; // a mutex of the driver's
        write_nothing();
        after = true;
    });
    m.spawn({.comm = "udevd", .pid = 90}, [&] {
        const sim::frame in("card_open");
        while (word != 0)
            m.sleep_on(&word, TASK_UNINTERRUPTIBLE);
    });
    m.spawn({.comm = "sh", .pid = 91}, [&] { other = true; });
    CHECK(m.run() == sim::outcome::hung);
    CHECK_FALSE(after);
    CHECK(other);
    CHECK(lines_with(m, "RIP:").at(0).starts_with("RIP: 0010:card_probe+0x"));
    CHECK(lines_with(m, "Kernel panic").empty());
    CHECK(lines_with(m, "INFO:") ==
          lines{"INFO: task udevd:90 blocked for more than 120 seconds."});
    CHECK(lines_with(m, "      ").at(0) == "      Tainted: G      D           6.12.0 #1");
    CHECK(lines_with(m, " card_open+").size() == 1);
    CHECK(m.now() >= 120'000'000'000);
}

TEST_CASE("an Oops in an interrupt, of the idle task, of pid 1, or with panic_on_oops is a panic")
{
    const auto ends = [](auto change, auto start) {
        sim::machine_config config =
            kernel_of(KCTX_VERSION(5, 4, 0), kernel::arch::x86, preemption::full);
        change(config);
        machine m(config);
        start(m);
        CHECK(m.run() == sim::outcome::panicked);
        return lines_with(m, "Kernel panic").at(0).substr(28);
    };
    const auto as_is = [](auto &) {};
    const auto task = [](int pid) {
        return [pid](machine &m) { m.spawn({.comm = "sh", .pid = pid}, write_nothing); };
    };
    CHECK(ends(as_is, [](machine &m) { m.irq_at(10, write_nothing); }) ==
          "Fatal exception in interrupt");
    CHECK(ends(as_is, [](machine &m) { m.irq_at(10, [&m] { m.raise_softirq(write_nothing); }); }) ==
          "Fatal exception in interrupt");
    // Bottom halves that are only disabled count as well, and a spinlock does not.
    CHECK(ends(as_is, [](machine &m) {
              m.spawn({.comm = "sh", .pid = 7}, [] {
                  KCTX_LOCAL_BH_DISABLE(ctx)
                      write_nothing();
              });
          }) == "Fatal exception in interrupt");
    CHECK(ends(as_is, task(1)) == "Attempted to kill init! exitcode=0x0000000b");
    CHECK(ends([](auto &c) { c.panic_on_oops = true; }, task(7)) == "Fatal exception");
    CHECK(ends([](auto &c) { c.version = KCTX_VERSION(2, 6, 32); }, task(1)) ==
          "Attempted to kill init!");
    const auto arm64 = [](unsigned version) {
        return [version](auto &c) {
            c.version = version;
            c.arch = kernel::arch::arm64;
            c.panic_on_oops = true;
        };
    };
    CHECK(ends(arm64(KCTX_VERSION(5, 4, 0)), task(7)) == "Fatal exception");
    CHECK(ends(arm64(KCTX_VERSION(5, 10, 0)), task(7)) == "Oops: Fatal exception");
}

TEST_CASE("an Oops with a lock held: the note says how many levels the task had")
{
    const lines log = log_of(
        kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preemption::full),
        [](machine &) {
            static spinlock_t lock;
            KCTX_SPIN_LOCK(ctx, lock)
                write_nothing();
        },
        sim::outcome::idle);
    CHECK(std::ranges::count(log, "note: insmod[826] exited with preempt_count 1") == 1);
}

TEST_CASE("BUG(), and how often it was")
{
    sim::machine_config config =
        kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preemption::full);
    config.cpus = 2;
    machine m(config);
    for (int pid : {7, 8})
        m.spawn({.comm = "sh", .pid = pid}, [&] {
            const sim::frame in("__get_vm_area_node");
            m.bug({"mm/vmalloc.c", 3177});
        });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(lines_with(m, "kernel BUG").at(0) == "kernel BUG at mm/vmalloc.c:3177!");
    CHECK(lines_with(m, "Oops:") == lines{"Oops: invalid opcode: 0000 [#1] PREEMPT SMP",
                                          "Oops: invalid opcode: 0000 [#2] PREEMPT SMP"});
}

TEST_CASE("a warning, once at a place")
{
    sim::machine_config config =
        kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preemption::full);
    machine m(config);
    m.spawn({.comm = "sh", .pid = 7}, [&] {
        for (int i = 0; i < 3; ++i)
            m.warn_once({"kernel/time/timer.c", 1658}, "__timer_delete_sync", "");
    });
    CHECK(m.run() == sim::outcome::idle);
    REQUIRE(lines_with(m, "WARNING:").size() == 1);
    CHECK(lines_with(m, "WARNING:")[0].starts_with(
        "WARNING: CPU: 0 PID: 7 at kernel/time/timer.c:1658 __timer_delete_sync+0x"));
    CHECK(lines_with(m, "---[").at(0) == "---[ end trace 0000000000000000 ]---");
    config.panic_on_warn = true;
    machine strict(config);
    strict.spawn({.comm = "sh", .pid = 7}, [&] { strict.warn({"a.c", 1}, "f"); });
    CHECK(strict.run() == sim::outcome::panicked);
    CHECK(lines_with(strict, "Kernel panic").at(0) ==
          "Kernel panic - not syncing: kernel: panic_on_warn set ...");
}
