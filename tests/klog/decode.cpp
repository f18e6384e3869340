// SPDX-License-Identifier: BSL-1.0
// The upper layer: counts and modes in words, against the facts, the documents' logs and our own
// kernel runs, and rule by rule.
#include "../kernel/facts.hpp"
#include "logs.hpp"

using namespace kctx::klog;
using logs::level;
using logs::says;
using logs::warns;

namespace {

std::string schedule_line(const std::string &count)
{
    return "BUG: scheduling while atomic: task/7/" + count + "\n";
}

decoded decode_count(const std::string &count, const std::string &kernel, bool rt = false)
{
    known_machine known;
    known.kernel = parse_release(kernel);
    REQUIRE(*known.kernel);
    known.rt = rt;
    const auto all = logs::decode(schedule_line(count), known);
    REQUIRE(all.size() == 1);
    return all[0].said;
}

decoded decode_one(const std::string &text)
{
    const auto all = logs::decode(text);
    REQUIRE(all.size() == 1);
    return all[0].said;
}

/// The first version in a cell like "old powerpc (2.6.x, CONFIG_PREEMPT=y)"; a recent one if none.
release version_in(const std::string &cell)
{
    for (std::size_t i = 0; i < cell.size(); ++i) {
        if (const release r = parse_release(cell.substr(i)))
            return r;
    }
    return parse_release("6.12");
}

} // namespace

TEST_CASE("every example of the facts decodes to its fields")
{
    for (const facts::row &row : facts::read("preempt_count_examples.tsv")) {
        CAPTURE(row.at("printed"));
        CAPTURE(row.at("kernel"));
        CAPTURE(row.at("decode_fields"));
        known_machine known;
        known.kernel = version_in(row.at("kernel"));
        known.kernel->rt = row.at("kernel").find("-rt") != std::string::npos;
        const std::string &machine = row.at("arch");
        known.machine = arch_named(machine.substr(0, machine.find_first_of(", (")));
        const auto all = logs::decode(schedule_line(row.at("printed")), known);
        REQUIRE(all.size() == 1);
        const decoded &d = all[0].said;

        const std::string &fields = row.at("decode_fields");
        const bool underflow = row.at("reading").find("underflow") != std::string::npos;
        CHECK(d.underflow == underflow);
        if (underflow)
            continue;
        std::map<std::string, unsigned> expected;
        if (fields == "PREEMPT_ACTIVE only") {
            expected = {{"PREEMPT_ACTIVE", 1}};
        } else if (fields == "serving + one bh-disable") {
            expected = {{"softirq", 1}, {"bh-disable", 1}};
        } else {
            for (const std::string &word : facts::split(fields, ' ')) {
                const std::size_t equals = word.find('=');
                if (equals != std::string::npos)
                    expected[word.substr(0, equals)] = facts::number(word.substr(equals + 1, 1));
            }
        }
        REQUIRE(!expected.empty());
        for (const char *name :
             {"PREEMPT_ACTIVE", "nmi", "hardirq", "bh-disable", "softirq", "preempt"}) {
            CAPTURE(name);
            CHECK(level(d, name) == expected[name]);
        }
        CHECK(logs::part(d, "unknown") == nullptr);
    }
}

TEST_CASE("document 0: kmalloc(GFP_KERNEL) in an interrupt that interrupted a softirq")
{
    const decoded d = decode_one(logs::data_file("documents/doc0_irq_kmalloc_2.6.33_arm.log"));
    CHECK(d.from.kernel == "2.6.33.5");
    CHECK(d.from.version.from == origin::found);
    CHECK(d.from.version.line == 5);
    CHECK(d.from.architecture.value == arch::arm);
    CHECK(d.from.architecture.from == origin::found);
    CHECK(level(d, "PREEMPT_ACTIVE") == 1);
    CHECK(level(d, "hardirq") == 1);
    CHECK(level(d, "softirq") == 1);
    CHECK(level(d, "preempt") == 0);
    CHECK(d.from.counting == false);
    CHECK(says(d, "a hard interrupt handler that interrupted a softirq"));
    CHECK(says(d, "called from cond_resched()"));
    CHECK(says(d, "swapper is only the task that was interrupted"));
    CHECK(d.path.starts_with("__cond_resched <- _cond_resched <- __kmalloc <- init_rx_dma"));
    CHECK(d.warnings.empty());
}

TEST_CASE("document 1: an order-4 GFP_ATOMIC request from a work item")
{
    const auto all =
        logs::decode(logs::data_file("documents/doc1_page_allocation_failure_5.4_arm64.log"));
    REQUIRE(all.size() == 1);
    const decoded &d = all[0].said;
    CHECK(all[0].raw.pid == 5171u);
    CHECK(all[0].raw.work == "usb_hub_wq hub_event");
    CHECK(d.from.version.value == KCTX_VERSION(5, 4, 125));
    CHECK(d.from.architecture.value == arch::arm64);
    REQUIRE(d.request);
    CHECK(d.request->names == "GFP_ATOMIC");
    CHECK_FALSE(d.request->may_sleep);
    CHECK(d.request->pages == 16);
    CHECK(d.request->page_size_assumed);
    CHECK(d.request->zone == kctx::kernel::zone_type::ZONE_NORMAL);
    CHECK(logs::part(d, "__GFP_HIGH") != nullptr);
    CHECK(logs::part(d, "__GFP_ATOMIC") != nullptr);
    CHECK(logs::part(d, "__GFP_KSWAPD_RECLAIM") != nullptr);
    CHECK(d.parts.size() == 3);
    CHECK(says(d, "work item is process context"));
    CHECK(d.warnings.empty());
}

TEST_CASE("document 2, the card: a handler that waits, three levels held")
{
    const auto all =
        logs::decode(logs::data_file("documents/doc2_card_irq_cancel_work_2.6.32_arm.log"));
    REQUIRE(all.size() == 2);
    for (const logs::one &o : all) {
        CHECK(o.said.from.version.value == KCTX_VERSION(2, 6, 32));
        CHECK(o.said.from.architecture.value == arch::arm);
        CHECK(level(o.said, "hardirq") == 1);
        CHECK(level(o.said, "preempt") == 4);
        CHECK(o.said.own.find("0x00010003") != std::string::npos);
        CHECK(says(o.said, "a hard interrupt handler, with 3 levels held"));
    }
    CHECK(all[1].said.path.find("cancel_delayed_work_sync") != std::string::npos);
}

TEST_CASE("document 2, mtdoops: no kernel and no architecture in the log, and the decoding says so")
{
    const decoded d = decode_one(logs::data_file("documents/doc2_mtdoops_insmod_ppc.log"));
    CHECK(d.from.kernel == "2.6.3x");
    CHECK(d.from.version.from == origin::assumed);
    CHECK(d.from.version.why.find("the log names no kernel") != std::string::npos);
    CHECK(d.from.version.why.find("__schedule_bug() itself") != std::string::npos);
    CHECK(d.from.architecture.value == arch::powerpc);
    CHECK(d.from.architecture.from == origin::assumed);
    CHECK(d.from.architecture.line == 3);
    CHECK(level(d, "preempt") == 2);
    CHECK(says(d, "process context, with one level held by it"));
    CHECK(says(d, "schedule_timeout"));
}

TEST_CASE("document 4: on PREEMPT_RT the level is no spinlock_t, what sleeps is one")
{
    const decoded d = decode_one(logs::data_file("documents/doc4_rt_timerfd_4.19_arm64.log"));
    CHECK(d.from.rt.value);
    CHECK(d.from.rt.from == origin::found);
    CHECK(d.from.architecture.value == arch::arm64);
    CHECK(level(d, "preempt") == 2);
    CHECK(logs::part(d, "preempt")->meaning.find("raw_spinlock_t") != std::string::npos);
    CHECK(says(d, "what wanted to sleep is a spinlock_t"));
}

TEST_CASE("the other logs of the documents are of other kinds")
{
    const auto kind_of = [](const char *name) {
        const auto all = logs::decode(logs::data_file(std::string("documents/") + name));
        REQUIRE(all.size() == 1);
        return all[0].raw.kind;
    };
    CHECK(kind_of("doc1_mem_info_5.4.log") == report_kind::memory_info);
    CHECK(kind_of("doc1_null_deref_oops_5.4_arm64.log") == report_kind::oops);
    CHECK(kind_of("doc1_pagetypeinfo_at_boot_5.4.txt") == report_kind::pagetypeinfo);
}

TEST_CASE("our own kernel runs, each of a known cause")
{
    // spin_lock_bh() held over msleep(); later the way back to user space, 0x201 too low.
    const auto bh = logs::decode(logs::data_file("kernel-runs/debian-6.1.192-s_bhsleep.log"));
    REQUIRE(bh.size() == 2);
    CHECK(bh[0].said.from.version.value == KCTX_VERSION(6, 1, 192));
    CHECK(bh[0].said.from.architecture.value == arch::x86);
    CHECK(level(bh[0].said, "bh-disable") == 1);
    CHECK(level(bh[0].said, "preempt") == 2);
    CHECK(says(bh[0].said, "bottom halves disabled (spin_lock_bh()"));
    CHECK(bh[1].said.underflow);
    CHECK(bh[1].said.parts.empty());
    CHECK(says(bh[1].said, "finds 0x201 less"));
    CHECK(says(bh[1].said, "one spin_unlock_bh()"));
    CHECK(says(bh[1].said, "the report in line 3"));
    CHECK(says(bh[1].said, "on its way back to user space"));

    // spin_lock_irqsave() held over msleep(): the irq state is not in the count.
    const auto irq = logs::decode(logs::data_file("kernel-runs/debian-6.1.192-s_irqsleep.log"));
    REQUIRE(irq.size() == 2);
    CHECK(level(irq[0].said, "preempt") == 2);
    CHECK(irq[1].raw.count == 0);
    CHECK(irq[1].said.underflow);
    CHECK(says(irq[1].said, "finds 0x1 less"));

    // msleep() in a timer callback.
    const auto timer = logs::decode(logs::data_file("kernel-runs/debian-6.1.192-timer.log"));
    REQUIRE(timer.size() == 1);
    CHECK(level(timer[0].said, "softirq") == 1);
    CHECK(level(timer[0].said, "preempt") == 1);
    CHECK(says(timer[0].said, "a softirq"));

    const auto two =
        logs::decode(logs::data_file("kernel-runs/report-debian-6.1.192-s_preempt2-1-swa.log"));
    REQUIRE(two.size() == 1);
    CHECK(says(two[0].said, "process context, with 2 levels held"));

    CHECK(logs::decode(logs::data_file("kernel-runs/debian-6.1.192-s_mutexspin.log")).empty());

    const auto atomic =
        logs::decode(logs::data_file("kernel-runs/report-debian-6.1.192-low2-2-paf.log"));
    REQUIRE(atomic.size() == 1);
    CHECK(atomic[0].raw.order == 9);
    CHECK_FALSE(atomic[0].said.request->may_sleep);
    CHECK_FALSE(atomic[0].said.request->page_size_assumed);

    const auto norety =
        logs::decode(logs::data_file("kernel-runs/report-debian-6.1.192-frag16-3-paf.log"));
    REQUIRE(norety.size() == 1);
    CHECK(norety[0].said.request->names == "GFP_KERNEL|__GFP_NORETRY");
    CHECK(norety[0].said.request->may_sleep);
    CHECK(says(norety[0].said, "__GFP_NORETRY"));
}

TEST_CASE("counting: the preempt field tells, PREEMPT in the log decides where it cannot")
{
    CHECK(decode_count("0x00000101", "6.1").from.counting == true);
    CHECK(decode_count("0x00000100", "6.1").from.counting == false);
    const decoded lost =
        decode_one(schedule_line("0x00000100") +
                   "CPU: 0 UID: 0 PID: 7 Comm: task Not tainted 6.15.0 #1 PREEMPT\n");
    CHECK(lost.from.counting == true);
    CHECK(says(lost, "lost a level"));
}

TEST_CASE("before 2.6.37 serving a softirq and bottom halves disabled look alike")
{
    CHECK(level(decode_count("0x00000201", "2.6.36"), "softirq") == 2);
    CHECK(level(decode_count("0x00000201", "2.6.36"), "bh-disable") == 0);
    CHECK(level(decode_count("0x00000201", "2.6.37"), "softirq") == 0);
    CHECK(level(decode_count("0x00000201", "2.6.37"), "bh-disable") == 1);
}

TEST_CASE("three bottom-half levels inside a softirq, on a kernel that does not count")
{
    const decoded d = decode_count("0x00000700", "5.18");
    CHECK(level(d, "softirq") == 1);
    CHECK(level(d, "bh-disable") == 3);
    CHECK(d.own.find("does not count") != std::string::npos);
    CHECK(says(d, "a softirq that disabled bottom halves 3 times"));
    CHECK(says(decode_count("0x00000200", "6.12"), "local_bh_disable() or spin_lock_bh()"));
    CHECK(says(decode_count("0x00000201", "6.12"), "(local_bh_disable())"));
}

TEST_CASE("an underflow on a kernel that is tainted W may be the trace of an earlier report")
{
    const std::string cpu = "CPU: 0 PID: 7 Comm: task Tainted: G        W       T  6.2.0-rc4 #1\n";
    CHECK(says(decode_one(schedule_line("0x00000000") + cpu), "tainted W"));
    CHECK_FALSE(says(
        decode_one(schedule_line("0x00000000") + "CPU: 0 PID: 7 Comm: task Not tainted 6.2.0 #1\n"),
        "tainted W"));
}

TEST_CASE("the idle task has a level of its own")
{
    const auto all = logs::decode("BUG: scheduling while atomic: swapper/1/0/0x00000102\n");
    REQUIRE(all.size() == 1);
    CHECK(says(all[0].said, "one preempt level is the idle loop's own"));
    CHECK_FALSE(says(all[0].said, "held"));
}

TEST_CASE("underflow: how much is missing")
{
    CHECK(says(decode_count("0x00000000", "6.1"), "finds 0x1 less"));
    CHECK(says(decode_count("0xffffffff", "6.1"), "finds 0x2 less"));
    CHECK(says(decode_count("0x7fffffff", "6.1"), "finds 0x2 less"));
    CHECK(says(decode_count("0x7fffffff", "6.1"), "preempt_enable() or an unlock twice too many"));
    CHECK(says(decode_count("0xfffffe01", "6.1"), "local_bh_enable() once too many"));
    CHECK_FALSE(says(decode_count("0xffffffff", "6.1"), "consequence"));
    CHECK_FALSE(decode_count("0x40010100", "2.6.33-arm").underflow);
}

TEST_CASE(
    "a task that dies twice: do_task_dead() with nobody's level, which is no underflow of a lock")
{
    const std::string trace = "Call Trace:\n __schedule_bug+0x1/0x2\n __schedule+0x1/0x2\n"
                              " do_task_dead+0x1/0x2\n make_task_dead+0x1/0x2\n";
    const decoded d = decode_one(schedule_line("0x00000000") + trace);
    CHECK(d.underflow);
    CHECK(says(d, "faults again while it exits"));
    CHECK_FALSE(says(d, "too many,"));
    CHECK(says(decode_one(schedule_line("0xffffffff") + trace), "finds 0x2 less"));
}

TEST_CASE("bits that a kernel does not use are said to be wrong")
{
    const decoded d = decode_count("0x40010101", "6.1");
    CHECK(logs::part(d, "unknown")->bits == 0x40000000);
    CHECK(warns(d, "no field of this kernel"));
    CHECK(warns(decode_count("0x00000001", "6.1"), "does not follow from this number"));
}

TEST_CASE(
    "without a kernel in the log, bits above 23 mean 3.12 or older, and tell the architecture")
{
    const decoded arm = decode_one(schedule_line("0x40010100"));
    CHECK(arm.from.version.value < KCTX_VERSION(3, 13, 0));
    CHECK(arm.from.version.from == origin::assumed);
    CHECK(arm.from.architecture.value == arch::arm);
    CHECK(level(arm, "PREEMPT_ACTIVE") == 1);
    const decoded x86 = decode_one(schedule_line("0x10000100"));
    CHECK(x86.from.architecture.value == arch::x86);
    CHECK(level(x86, "PREEMPT_ACTIVE") == 1);
    // From 3.13 to 4.3 the bit is the same everywhere and tells nothing.
    const decoded later = decode_count("0x00200100", "4.1");
    CHECK(level(later, "PREEMPT_ACTIVE") == 1);
    CHECK(later.from.architecture.value == arch::unknown);
}

TEST_CASE("how schedule() was entered")
{
    const auto entered = [](const char *frames) {
        return decode_one(schedule_line("0x00000002") + "Call Trace:\n __schedule_bug+0x1/0x2\n" +
                          frames);
    };
    CHECK(says(entered(" __schedule+0x1/0x2\n schedule+0x1/0x2\n msleep+0x1/0x2\n"),
               "schedule() was called by msleep"));
    CHECK(says(entered(" __schedule+0x1/0x2\n preempt_schedule_common+0x1/0x2\n"
                       " preempt_schedule+0x1/0x2\n x+0x1/0x2\n"),
               "the kernel preempted the task"));
    CHECK(says(entered(" __schedule+0x1/0x2\n preempt_schedule_common+0x1/0x2\n"
                       " __cond_resched+0x1/0x2\n x+0x1/0x2\n"),
               "called from cond_resched()"));
    CHECK(says(entered(" __schedule+0x1/0x2\n do_task_dead+0x1/0x2\n make_task_dead+0x1/0x2\n"),
               "killed after an Oops"));
    CHECK(entered(" __schedule+0x1/0x2\n do_task_dead+0x1/0x2\n do_exit+0x1/0x2\n")
              .own.find("do_exit()'s own") != std::string::npos);
    const decoded idle = entered(" __schedule+0x1/0x2\n schedule_idle+0x1/0x2\n do_idle+0x1/0x2\n");
    CHECK(says(idle, "idle loop itself"));
    CHECK(idle.own.find("the idle loop's own") != std::string::npos);
    CHECK(says(entered(" __schedule+0x1/0x2\n schedule+0x1/0x2\n exit_to_user_mode_loop+0x1/0x2\n"),
               "back to user space"));
    CHECK(says(
        entered(" __schedule+0x1/0x2\n schedule_rtlock+0x1/0x2\n rtlock_slowlock_locked+0x1/0x2\n"),
        "spinlock_t"));
}

TEST_CASE("local_bh_enable() holds a level while it runs softirqs")
{
    const std::string trace = "Call Trace:\n f+0x1/0x2\n __local_bh_enable_ip+0x1/0x2\n";
    CHECK(says(decode_one(schedule_line("0x00000102") + trace), "local_bh_enable()'s own"));
    CHECK_FALSE(says(decode_one(schedule_line("0x00000102")), "local_bh_enable()'s own"));
    CHECK_FALSE(says(decode_one(schedule_line("0x00010102") + trace), "local_bh_enable()'s own"));
}

TEST_CASE("without a kernel in the log, the form of a report bounds it, and the decoding says so")
{
    const auto kernel = [](const std::string &text) { return decode_one(text).from; };
    const std::string sleep = "BUG: sleeping function called from invalid context at a.c:1\n";
    const machine counted =
        kernel(sleep + "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, "
                       "name: x\npreempt_count: 1, expected: 0\n");
    CHECK(counted.kernel.starts_with("5.17 or later"));
    CHECK(counted.version.from == origin::assumed);
    CHECK(kernel(sleep + "in_atomic(): 1, irqs_disabled(): 0, pid: 1, name: x\n")
              .kernel.starts_with("older than 5.4"));
    CHECK(kernel("x: page allocation failure. order:1, mode:0x20\n")
              .kernel.starts_with("older than 3.10"));
    CHECK(kernel("x: page allocation failure: order:1, mode:0x20\n")
              .kernel.starts_with("older than 4.6"));
    CHECK(kernel(schedule_line("0x00000002") + "Pid: 7, comm: task Not tainted\n")
              .kernel.starts_with("older than 3.10"));
    CHECK(kernel(schedule_line("0x00000002")).kernel.starts_with("read as"));
}

TEST_CASE("sleeping function called: each reason")
{
    const std::string header =
        "BUG: sleeping function called from invalid context at mm/slab.h:1\n";
    const std::string cpu = "CPU: 0 PID: 9 Comm: sh Not tainted 6.1.5 #1\n";
    const std::string none = "in_atomic(): 0, irqs_disabled(): 0, non_block: 0, pid: 9, name: sh\n";

    const decoded lock =
        decode_one(header +
                   "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 9, name: sh\n"
                   "preempt_count: 1, expected: 0\nRCU nest depth: 0, expected: 0\n" +
                   cpu);
    CHECK(lock.count == 1u);
    CHECK(level(lock, "preempt") == 1); // no +1 here
    CHECK(says(lock, "process context, with one level held by it"));
    CHECK_FALSE(says(lock, "rcu_read_lock"));

    const decoded softirq =
        decode_one(header +
                   "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 0, name: swapper/3\n"
                   "preempt_count: 101, expected: 0\n" +
                   cpu);
    CHECK(says(softirq, "a softirq"));
    CHECK(says(softirq, "idle loop's own"));

    const decoded handler =
        decode_one(header +
                   "in_atomic(): 1, irqs_disabled(): 1, non_block: 0, pid: 9, name: sh\n"
                   "preempt_count: 10001, expected: 0\n" +
                   cpu);
    CHECK(says(handler, "a hard interrupt handler, with one level held"));
    CHECK_FALSE(says(handler, "interrupts were disabled"));

    const decoded dying = decode_one(header + none + cpu +
                                     " exit_signals+0x1/0x2\n do_exit+0x1/0x2\n"
                                     " rewind_stack_do_exit+0x1/0x2\n");
    CHECK(says(dying, "killed after an Oops"));

    const decoded rcu = decode_one(header + none +
                                   "preempt_count: 0, expected: 0\n"
                                   "RCU nest depth: 1, expected: 0\n" +
                                   cpu);
    CHECK(says(rcu, "inside rcu_read_lock(), one level deep"));
    CHECK_FALSE(says(rcu, "process context, with"));

    const decoded allowed =
        decode_one(header +
                   "in_atomic(): 0, irqs_disabled(): 1, non_block: 0, pid: 9, name: sh\n"
                   "preempt_count: 0, expected: 0\nRCU nest depth: 2, expected: 2\n" +
                   cpu);
    CHECK(says(allowed, "interrupts were disabled"));
    CHECK_FALSE(says(allowed, "rcu_read_lock"));

    const decoded old =
        decode_one(header + "in_atomic(): 1, irqs_disabled(): 128, pid: 9, name: sh\n");
    CHECK(old.from.version.value < KCTX_VERSION(5, 4, 0));
    CHECK(says(old, "before 5.17 do not print it"));
    CHECK(says(old, "128 is the I bit"));
    CHECK_FALSE(old.count);

    CHECK(warns(decode_one(header), "are not in the log"));
    CHECK(says(decode_one(header + none), "none of the printed values forbids sleeping"));
    CHECK(says(
        decode_one(header + "in_atomic(): 0, irqs_disabled(): 0, non_block: 1, pid: 9, name: sh\n"),
        "non_block_start()"));

    const decoded mutex = decode_one(
        "BUG: sleeping function called from invalid context at kernel/locking/rtmutex_api.c:591\n"
        "Call Trace:\n __might_resched+0x1/0x2\n mutex_lock+0x1/0x2\n f+0x1/0x2\n");
    CHECK(mutex.from.rt.value);
    CHECK_FALSE(decode_one(schedule_line("0x00000002") +
                           "Call Trace:\n __schedule_bug+0x1/0x2\n __schedule+0x1/0x2\n"
                           " rt_mutex_slowlock+0x1/0x2\n rt_mutex_lock+0x1/0x2\n"
                           " i2c_transfer+0x1/0x2\n")
                    .from.rt.value);

    const decoded rt =
        decode_one("BUG: sleeping function called from invalid context at "
                   "kernel/locking/spinlock_rt.c:48\n"
                   "in_atomic(): 0, irqs_disabled(): 1, non_block: 0, pid: 9, name: sh\n");
    CHECK(rt.from.rt.value);
    CHECK(says(rt, "on PREEMPT_RT they are sleeping locks"));
}

TEST_CASE("modes: names that disagree with the value are warned about, and only those")
{
    const auto failure = [](const std::string &mode, const std::string &kernel) {
        return decode_one("x: page allocation failure: order:0, mode:" + mode +
                          "\nCPU: 0 PID: 1 Comm: x Not tainted " + kernel + " #1\n");
    };
    CHECK(failure("0xa20(GFP_ATOMIC)", "5.4.1").warnings.empty());
    CHECK(warns(failure("0xa20(GFP_KERNEL)", "5.4.1"), "disagree"));
    CHECK(warns(failure("0xa20(GFP_KERNEL)", "5.4.1"), "GFP_KERNEL is 0xcc0"));
    CHECK(warns(failure("0xa20(GFP_NONSENSE)", "5.4.1"), "has a name that it does not have"));
    CHECK(failure("0x0()", "6.3.0").warnings.empty());
    // 6.11 lies between the trees read, and has the newer GFP_NOWAIT already or not yet.
    CHECK(failure("0x800(GFP_NOWAIT)", "6.11.1").warnings.empty());
    CHECK(warns(failure("0x2800(GFP_NOWAIT)", "6.11.1"), "read as in 6.12"));
    CHECK(failure("0x2800(GFP_NOWAIT|__GFP_NOWARN)", "6.11.1").warnings.empty());
    // A configuration's own bits have names where the version prints them.
    CHECK(failure("0x1000cc0(GFP_KERNEL|__GFP_SKIP_ZERO)", "6.6.1").warnings.empty());
    const decoded lockdep = failure("0x800cc0(GFP_KERNEL|0x800000)", "5.10.7");
    CHECK(lockdep.warnings.empty());
    REQUIRE(logs::part(lockdep, "__GFP_NOLOCKDEP") != nullptr);
    CHECK(logs::part(lockdep, "__GFP_NOLOCKDEP")->meaning.find("LOCKDEP") != std::string::npos);
    CHECK(warns(failure("0x80000000", "3.10.1"), "no flag of this version"));
    CHECK(warns(failure("0xd0", "2.6.18"), "no tree as old"));
}

TEST_CASE("modes without a kernel in the log: the names choose one that prints them so")
{
    const auto version = [](const std::string &mode) {
        return decode_one("x: page allocation failure: order:0, mode:" + mode + "\n")
            .from.version.value;
    };
    CHECK(gfp_names_agree("GFP_ATOMIC", 0xa20, version("0xa20(GFP_ATOMIC)")));
    CHECK(gfp_names_agree("GFP_ATOMIC", 0x2080020, version("0x2080020(GFP_ATOMIC)")));
    CHECK(gfp_names_agree("GFP_ATOMIC", 0x480020, version("0x480020(GFP_ATOMIC)")));
    CHECK(version("0x20") < KCTX_VERSION(4, 6, 0));
}

TEST_CASE("why an allocation failed")
{
    const auto failure = [](const std::string &order_and_mode, const std::string &more = "") {
        return decode_one("x: page allocation failure: order:" + order_and_mode +
                          "\nCPU: 0 PID: 1 Comm: x Not tainted 6.6.10 #1\n" + more);
    };
    CHECK(says(failure("4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP)"), "above 3 is costly"));
    CHECK(says(failure("0, mode:0xc04(GFP_NOIO|GFP_DMA32)"), "ZONE_DMA32"));
    CHECK(says(failure("0, mode:0x820(GFP_ATOMIC)"), "must not sleep"));
    CHECK(says(failure("0, mode:0xcc0(GFP_KERNEL)", " shrink_node+0x1/0x2\n"), "PF_MEMALLOC"));
    CHECK(says(decode_one("kswapd0: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL)\n"),
               "PF_MEMALLOC"));
    CHECK(says(failure("0, mode:0xcc0(GFP_KERNEL)"), "as a rule goes on reclaiming"));
    CHECK(says(failure("0, mode:0x820(GFP_ATOMIC)",
                       " f+0x1/0x2\n net_rx_action+0x1/0x2\n __do_softirq+0x1/0x2\n"),
               "x is only what was running"));
    const decoded boot = failure("0, mode:0x0()", " f+0x1/0x2\n start_kernel+0x1/0x2\n");
    CHECK(says(boot, "gfp_allowed_mask"));
    CHECK_FALSE(says(boot, "GFP_KERNEL"));
    CHECK(says(failure("0, mode:0x820(GFP_ATOMIC)", " f+0x1/0x2\n do_syscall_64+0x1/0x2\n"),
               "the trace shows process context"));
}
