// SPDX-License-Identifier: BSL-1.0
// The middle layer: headers whole and wrapped, what follows them, and what they say of the machine.
#include "logs.hpp"

using namespace kctx::klog;

namespace {

std::vector<report> read(std::string_view text)
{
    std::vector<report> all;
    for (logs::one &o : logs::decode(text))
        all.push_back(std::move(o.raw));
    return all;
}

} // namespace

TEST_CASE("the task of scheduling while atomic")
{
    struct {
        const char *text;
        const char *comm;
        unsigned pid;
        unsigned count;
    } const cases[] = {
        {"swapper/0/0x40010100", "swapper", 0, 0x40010100},
        {"swapper/1/0/0x00000102", "swapper/1", 0, 0x102},
        {"kworker/u385:1/2041/0x00000002", "kworker/u385:1", 2041, 2},
        {"Web Content/7/0xffffffff", "Web Content", 7, 0xffffffff},
        {"a/b/c/12/0x1", "a/b/c", 12, 1},
    };
    for (const auto &c : cases) {
        CAPTURE(c.text);
        const auto reports = read(std::string("BUG: scheduling while atomic: ") + c.text);
        REQUIRE(reports.size() == 1);
        CHECK(reports[0].comm == c.comm);
        CHECK(reports[0].pid == c.pid);
        CHECK(reports[0].count == c.count);
    }
    for (const char *junk : {"", "x", "swapper/0", "swapper/0x1", "swapper/x/0x1", "/0x1", "s/0/0x",
                             "s/0/0x123456789", "in simple_recursive_removal"}) {
        CAPTURE(junk);
        CHECK(read(std::string("BUG: scheduling while atomic: ") + junk).empty());
    }
}

TEST_CASE("page allocation failures, whole and wrapped")
{
    const auto whole =
        read("[1.0] Web Content: page allocation failure: order:4, mode:0xa20(GFP_ATOMIC), "
             "nodemask=(null),cpuset=/,mems_allowed=0\n");
    REQUIRE(whole.size() == 1);
    CHECK(whole[0].comm == "Web Content");
    CHECK(whole[0].order == 4);
    CHECK(whole[0].mode == 0xa20);
    CHECK(whole[0].mode_names == "GFP_ATOMIC");
    CHECK(whole[0].has_cpuset);

    const auto wrapped = read("[1.0] kswapd0: page allocation failure: order:0,\n"
                              "mode:0x800(GFP_NOWAIT), nodemask=(null)\n"
                              "CPU: 2 PID: 41 Comm: kswapd0 Not tainted 5.13.1 #1\n");
    REQUIRE(wrapped.size() == 1);
    CHECK(wrapped[0].mode == 0x800);
    CHECK(wrapped[0].mode_names == "GFP_NOWAIT");
    CHECK(wrapped[0].pid == 41u);
    CHECK(wrapped[0].header.find("mode:0x800") != std::string::npos);

    const auto old = read("insmod: page allocation failure. order:3, mode:0x20\n");
    REQUIRE(old.size() == 1);
    CHECK(old[0].full_stop);
    CHECK_FALSE(old[0].mode_names);

    CHECK(read("x: page allocation failure: order:%u\n").empty());
    CHECK(read("page allocation failure\n").empty());
    CHECK(read("x: page allocation failure: order:99999999999, mode:0x1\n").empty());

    const auto no_mode = read("x: page allocation failure: order:2\nother\nlines\nhere\n");
    REQUIRE(no_mode.size() == 1);
    CHECK(no_mode[0].order == 2);
}

TEST_CASE("the task of a failure is at most 15 characters")
{
    const auto reports =
        read("root@board:~# kworker/0:1: page allocation failure: order:0, mode:0x20\n");
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].comm == "kworker/0:1");
}

TEST_CASE("sleeping function called: the lines that follow, whole and wrapped")
{
    const auto whole =
        read("[1.0] BUG: sleeping function called from invalid context at mm/slab.h:1\n"
             "[1.0] in_atomic(): 1, irqs_disabled(): 128, non_block: 0, pid: 9, name: a b\n"
             "[1.0] preempt_count: 10102, expected: 1\n"
             "[1.0] RCU nest depth: 2, expected: 1\n"
             "[1.0] Preemption disabled at:\n"
             "[1.0] [<ffffffff81103f2d>] fd_install+0x3d/0x360\n");
    REQUIRE(whole.size() == 1);
    const report &r = whole[0];
    CHECK(r.sleep.location == "mm/slab.h:1");
    CHECK(r.comm == "a b");
    CHECK(r.pid == 9u);
    CHECK(r.sleep.in_atomic == 1u);
    CHECK(r.sleep.irqs_disabled == 128u);
    CHECK(r.sleep.non_block == 0u);
    CHECK(r.sleep.count == 0x10102u);
    CHECK(r.sleep.expected_count == 1u);
    CHECK(r.sleep.rcu_depth == 2u);
    CHECK(r.sleep.expected_rcu_depth == 1u);
    CHECK(r.preempt_disabled_at == "fd_install+0x3d/0x360");

    const auto wrapped = read("BUG: sleeping function called from invalid context at\n"
                              "include/linux/percpu-rwsem.h:38\n"
                              "in_atomic(): 0, irqs_disabled(): 1, non_block: 0, pid:\n"
                              "188, name: kworker/2:4\n");
    REQUIRE(wrapped.size() == 1);
    CHECK(wrapped[0].sleep.location == "include/linux/percpu-rwsem.h:38");
    CHECK(wrapped[0].pid == 188u);
    CHECK(wrapped[0].comm == "kworker/2:4");

    const auto late = read("BUG: sleeping function called from invalid context at\n"
                           "i2c_hid_of 4-0010: there's no data\n"
                           "kernel/locking/rwsem.c:1589\n");
    REQUIRE(late.size() == 1);
    CHECK(late[0].sleep.location == "kernel/locking/rwsem.c:1589");

    const auto glued = read("BUG: sleeping function called from invalid context at a.c:1\n"
                            "Preemption disabled at:[<c0012345>] foo+0x1/0x2\n");
    CHECK(glued[0].preempt_disabled_at == "foo+0x1/0x2");
}

TEST_CASE("kernel and architecture, from the forms that logs have")
{
    struct {
        const char *text;
        unsigned code;
        bool rt;
        arch machine;
        arch form;
    } const cases[] = {
        {"CPU: 0    Not tainted  (2.6.33.5 #19)", KCTX_VERSION(2, 6, 33), false, arch::unknown,
         arch::unknown},
        {"CPU: 0\xc2\xa0 \xc2\xa0 Not tainted\xc2\xa0 (2.6.33.5 #19)", KCTX_VERSION(2, 6, 33),
         false, arch::unknown, arch::unknown},
        {"CPU: 0 PID: 1 Comm: init Tainted: G           OE      6.1.0-56-amd64 #1",
         KCTX_VERSION(6, 1, 0), false, arch::x86, arch::unknown},
        {"Pid: 826, comm: insmod Not tainted 2.6.38.6-27.fc15.x86_64 #1", KCTX_VERSION(2, 6, 38),
         false, arch::x86, arch::unknown},
        {"CPU: 0 PID: 5171 Comm: kworker/0:0 Tainted: P WC O 5.4.125-android11 #1",
         KCTX_VERSION(5, 4, 125), false, arch::unknown, arch::unknown},
        {"CPU: 7 UID: 0 PID: 2916 Comm: t Tainted: G  W  O  6.15.0-rc7-gcc #4 PREEMPT_{RT,(full)}",
         KCTX_VERSION(6, 15, 0), true, arch::unknown, arch::unknown},
        {"CPU: 1 PID: 2 Comm: k Not tainted 6.6.0-1-rt-amd64 #1  Debian 6.6.71-1",
         KCTX_VERSION(6, 6, 71), true, arch::x86, arch::unknown},
        {"CPU: 1 PID: 2 Comm: k Not tainted 4.19.90-25.2.rt.2101.ky10.aarch64 #1",
         KCTX_VERSION(4, 19, 90), true, arch::arm64, arch::unknown},
        {"CPU: 1 PID: 2 Comm: k Tainted: P  C\nO      5.13.x #1", KCTX_VERSION(5, 13, 0), false,
         arch::unknown, arch::unknown},
        {"CPU: 7 PID: 154 Comm: m Tainted: G        W\n    6.4.0-00001-gfbb103bb8df0 #8",
         KCTX_VERSION(6, 4, 0), false, arch::unknown, arch::unknown},
        {"REGS: c00 TRAP: 0000   Tainted: G        W       T   (6.2.0-rc4-P9)",
         KCTX_VERSION(6, 2, 0), false, arch::unknown, arch::unknown},
        {"CPU: 0 PID: 1 Comm: x Not tainted syzkaller #0", 0, false, arch::unknown, arch::unknown},
        {"[<c0027de4>] (show_regs+0x0/0x4c) from [<c0038678>] (__schedule_bug+0x48/0x5c)", 0, false,
         arch::unknown, arch::arm},
        {" show_stack from dump_stack_lvl+0x58/0x70", 0, false, arch::unknown, arch::arm},
        {"[ef12f700] [c00081e0] show_stack+0x3c/0x194 (unreliable)", 0, false, arch::unknown,
         arch::powerpc},
        {"[c000000006c66f90] [c0000000012a3c80] dump_stack_lvl+0xb4/0x124", 0, false, arch::unknown,
         arch::powerpc},
        {"Call trace:", 0, false, arch::unknown, arch::arm64},
        {" <TASK>", 0, false, arch::unknown, arch::x86},
        {" rt_spin_lock+0x60/0x70", 0, true, arch::unknown, arch::unknown},
        {"Stack : 80ae0000 80a50000 80860000", 0, false, arch::unknown, arch::mips},
        {"Flags: NzCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment kernel", 0, false, arch::arm,
         arch::unknown},
        {"version 5.4 of nothing", 0, false, arch::unknown, arch::unknown},
    };
    for (const auto &c : cases) {
        CAPTURE(c.text);
        const auto reports =
            read(std::string("BUG: scheduling while atomic: sh/1/0x00000002\n") + c.text + "\n");
        REQUIRE(reports.size() == 1);
        const evidence &e = reports[0].about;
        CHECK((e.kernel.value.code & ~0xffu) == (c.code & ~0xffu));
        if (c.code >= KCTX_VERSION(4, 0, 0) && (c.code & 0xff) != 0)
            CHECK(e.kernel.value.code == c.code);
        CHECK(static_cast<bool>(e.rt) == c.rt);
        CHECK(e.machine.value == c.machine);
        CHECK(e.machine_form.value == c.form);
    }
}

TEST_CASE("a release is read as the kernel encodes it")
{
    CHECK(parse_release("2.6.33.5").code == KCTX_VERSION(2, 6, 33));
    CHECK(parse_release("5.4.125-x").code == KCTX_VERSION(5, 4, 125));
    CHECK(parse_release("4.9.337").code == KCTX_VERSION(4, 9, 255));
    CHECK(parse_release("6.12").code == KCTX_VERSION(6, 12, 0));
    CHECK(parse_release("6.12-rc1").code == KCTX_VERSION(6, 12, 0));
    for (const char *junk :
         {"", "6", "6.", "x.y", "1.2.3", "2.4.37", "100.1", "6.999", "6.1x", "6.1!"})
        CHECK_MESSAGE(!parse_release(junk), junk);
}

TEST_CASE("a report that names no kernel takes it from the rest of the log")
{
    const auto before = read("Linux version 4.4.60 (gcc)\n"
                             "BUG: scheduling while atomic: sh/1/0x00000002\n");
    REQUIRE(before.size() == 1);
    CHECK(before[0].about.kernel.value.text == "4.4.60");
    CHECK(before[0].about.kernel.line == 1);

    const auto after = read("BUG: scheduling while atomic: sh/1/0x00000002\n"
                            "BUG: scheduling while atomic: sh/1/0x00000002\n"
                            "CPU: 0 PID: 1 Comm: sh Not tainted 5.10.7 #1\n");
    REQUIRE(after.size() == 2);
    CHECK(after[0].about.kernel.line == 3);
    CHECK(after[1].about.kernel.line == 3);

    const auto own_first = read("Linux version 4.4.60 (gcc)\n"
                                "BUG: scheduling while atomic: sh/1/0x00000002\n"
                                "CPU: 0 PID: 1 Comm: sh Not tainted 5.10.7 #1\n");
    CHECK(own_first[0].about.kernel.value.text == "5.10.7");

    const auto several = read("BUG: scheduling while atomic: sh/1/0x00000002\n"
                              "CPU: 0 PID: 1 Comm: sh Not tainted 5.10.7 #1\n"
                              "CPU: 1 PID: 2 Comm: sh Not tainted 6.1.5 #1\n");
    CHECK(several[0].about.kernel.line == 2);

    const auto reboot = read("Linux version 4.4.60 (gcc)\n"
                             "BUG: scheduling while atomic: sh/1/0x00000002\n"
                             "Linux version 6.1.5 (gcc)\n"
                             "BUG: scheduling while atomic: sh/1/0x00000002\n");
    REQUIRE(reboot.size() == 2);
    CHECK(reboot[0].about.kernel.value.text == "4.4.60");
    CHECK(reboot[1].about.kernel.value.text == "6.1.5");
}

TEST_CASE("the functions of a trace, in the forms of the architectures")
{
    struct {
        const char *text;
        std::vector<std::string> frames;
    } const cases[] = {
        {" msleep+0x29/0x40\n ? junk+0x1/0x2\n wr.cold+0x30a/0x759 [gt]", {"msleep", "wr"}},
        {"[ffffffc0200eb240+ 64][<ffffffc0100c63b4>] dump_backtrace+0x0/0x18c", {"dump_backtrace"}},
        {"[ef12f700] [c00081e0] show_stack+0x3c/0x194 (unreliable)", {"show_stack"}},
        {"[<c0027de4>] (f+0x0/0x4c) from [<c0038678>] (g+0x48/0x5c)\n"
         "r4:c02c3e68\n"
         "[<c0038630>] (g+0x0/0x5c) from [<c022b964>] (h+0x4c/0x2bc)",
         {"f", "g", "h"}},
        {"[<c001e8b0>] (f) from [<c001a774>] (g+0x10/0x14)", {"f", "g"}},
        {" f from g+0x58/0x70\n g [mod] from h+0xc8/0x218 [mod]", {"f", "g", "h"}},
        {" f from\ng+0x18/0x24\n", {"f", "g"}},
        {" schedule_debug kernel/sched/core.c:4288 [inline]", {"schedule_debug"}},
        {" __might_resched (kernel/sched/core.c:10188)", {"__might_resched"}},
        {" do_thing (??:?)", {"do_thing"}},
        {"[<ffffffff811a1510>] on_each_cpu+0x30/0xb0", {"on_each_cpu"}},
        {"a lock list:\n at_first+0x1/0x2\nCall Trace:\n real+0x1/0x2", {"real"}},
        {" a+0x1/0x2\nBUG: another\n b+0x1/0x2", {"a"}},
        {"hardirqs last  enabled at (83978): [<ffffffff8b01a83d>] x+0x3d/0x60", {}},
        {" #0: ffff99018127a1a0 (&dev->mutex){....}-{4:4}, at: __driver_attach+0x189/0x2f0", {}},
        {"PC is at f+0x68/0x3a0", {}},
        {"words and+0x1 more", {}},
    };
    for (const auto &c : cases) {
        CAPTURE(c.text);
        const auto reports =
            read(std::string("BUG: scheduling while atomic: sh/1/0x00000002\n") + c.text);
        REQUIRE(!reports.empty());
        std::vector<std::string> functions;
        for (const frame &f : reports[0].frames)
            functions.push_back(f.function);
        CHECK(functions == c.frames);
    }
}

TEST_CASE("junk, NUL bytes, bad encodings and cut lines are no reports and no harm")
{
    std::string text("\0\0BUG: \0scheduling while atomic: x/1/0x1\n", 40);
    text += "\xff\xfe\xfd: page allocation failure: order:\xff\n";
    text += "BUG: scheduling while atomic: \n";
    text += std::string(300000, '[') + "\n";
    CHECK(read(text).empty());

    const auto odd =
        read(std::string("\xff\xfe\0[  1.0] BUG: scheduling while atomic: \x1b[2J/1/0x2", 52));
    REQUIRE(odd.size() == 1);
    CHECK(odd[0].comm == "\\x1b[2J");
}

TEST_CASE("the page size is that of the first block in the Mem-Info")
{
    const std::string header = "x: page allocation failure: order:1, mode:0xcc0(GFP_KERNEL)\n";
    CHECK(read(header + "Node 0 Normal: 12*64kB (U) 1*128kB\n")[0].page_kb() == 64u);
    CHECK(read(header + "DMA32: 1587*4kB (UMEC) 1959*8kB\n")[0].page_kb() == 4u);
    CHECK_FALSE(read(header + "Node 0 Normal free:8*5kB\n")[0].page_kb());
}
