// SPDX-License-Identifier: BSL-1.0
// From the log to the cause: golden verdicts of all logs of the test data, whatever stands before
// their lines, and the arithmetic, the rebuild and the code that follow from them.
#include "logs.hpp"

#include <kctx/klog/explain.hpp>
#include <kctx/klog/rebuild_pagetypeinfo.hpp>
#include <kctx/klog/skeleton.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

using namespace kctx::klog;
namespace fs = std::filesystem;

namespace {

struct explained {
    report r;
    explanation e;
};

std::vector<explained> explain(std::string_view text, const known_machine &known = {},
                               std::size_t piece = ~std::size_t{0})
{
    std::vector<explained> all;
    explainer ex(known);
    report_reader reader([&](const report &r) { all.push_back({r, ex.explain(r)}); });
    line_splitter splitter;
    const auto read = [&](const line &l) { reader.read(l); };
    while (!text.empty()) {
        splitter.feed(text.substr(0, piece), read);
        text.remove_prefix(std::min(piece, text.size()));
    }
    splitter.finish(read);
    reader.finish();
    return all;
}

std::string document(const char *name) { return logs::data_file(std::string("documents/") + name); }

/// Document 1's log as it was: the failure, its Mem-Info, the Oops.
std::string document1()
{
    return document("doc1_page_allocation_failure_5.4_arm64.log") +
           document("doc1_mem_info_5.4.log") + document("doc1_null_deref_oops_5.4_arm64.log");
}

/// "file:line kind rule | verdict", a line a report: what golden.txt holds.
std::string answers(const std::string &file, const std::vector<explained> &all)
{
    std::string text;
    for (const explained &x : all)
        text += file + ":" + std::to_string(x.r.line) + " " + std::string(kind_name(x.r.kind)) +
                " " + (x.e.slug.empty() ? "-" : x.e.slug) + " | " + x.e.verdict + "\n";
    return text;
}

bool has(const std::string &text, std::string_view words) { return text.find(words) != text.npos; }

} // namespace

TEST_CASE("golden answers of all logs")
{
    std::string found;
    const fs::path folder = fs::path(KCTX_TEST_DATA) / "logs";
    std::vector<fs::path> files;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file())
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path &file : files)
        found +=
            answers(file.lexically_relative(folder).string(), explain(logs::file(file.string())));
    found += answers("document 1", explain(document1()));
    std::istringstream expected(logs::file(KCTX_GOLDEN)), actual(found);
    std::string want, got;
    while (std::getline(expected, want)) {
        std::getline(actual, got);
        CHECK(got == want);
    }
    CHECK_FALSE(std::getline(actual, got));
    if (std::getenv("KCTX_WRITE_GOLDEN") != nullptr)
        std::ofstream(KCTX_GOLDEN) << found;
}

TEST_CASE("document 0: the allocation, the handler, the flags")
{
    const auto all = explain(document("doc0_irq_kmalloc_2.6.33_arm.log"));
    REQUIRE(all.size() == 1);
    const explanation &e = all[0].e;
    CHECK(e.slug == "gfp-may-sleep");
    REQUIRE(e.call);
    CHECK(e.call->call == "kmalloc");
    CHECK(e.call->caller == "init_rx_dma");
    CHECK(e.call->module == "drv");
    REQUIRE(e.context);
    CHECK(e.context->token == "IrqCtx");
    CHECK(has(e.context->words, "interrupted a softirq"));
    CHECK(has(e.fixes.front(), "GFP_ATOMIC"));
}

TEST_CASE("document 2: what slept is not the lock; a module's init with a lock held")
{
    const auto card = explain(document("doc2_card_irq_cancel_work_2.6.32_arm.log"));
    REQUIRE(card.size() == 2); // the console printed the line twice
    const explanation &e = card[1].e;
    CHECK(e.slug == "sleep-in-atomic");
    CHECK(e.call->call == "cancel_delayed_work_sync");
    CHECK(e.call->caller == "fb_deferred_io_fsync_delay");
    CHECK(e.context->entry == "cardslot_iso7816_uart_interrupt");
    CHECK(has(e.verdict, "fb_deferred_io_work()"));
    const auto says = [](const explanation &x, std::string_view words) {
        return std::any_of(x.findings.begin(), x.findings.end(),
                           [&](const finding &f) { return has(f.text, words); });
    };
    CHECK(says(e, "nobody waits for a lock"));

    const auto flash = explain(document("doc2_mtdoops_insmod_ppc.log"));
    REQUIRE(flash.size() == 1);
    CHECK(flash[0].e.slug == "sleep-in-atomic");
    CHECK(flash[0].e.call->call == "schedule_timeout");
    CHECK(flash[0].e.call->caller == "fsl_elbc_run_command");
    CHECK(flash[0].e.context->token == "ProcessCtx");
    CHECK(flash[0].e.context->held == section::preemption);
    CHECK(flash[0].e.context->holder == "oops_log");
    CHECK(flash[0].e.context->holder_how == certainty::unknown);
}

TEST_CASE("document 4: a spinlock_t in a raw section, and a panic that does not follow")
{
    const auto all = explain(document("doc4_rt_timerfd_4.19_arm64.log"));
    REQUIRE(all.size() == 1);
    const explanation &e = all[0].e;
    CHECK(e.slug == "rt-lock-in-raw-section");
    CHECK(e.call->call == "spin_lock");
    CHECK(e.call->caller == "timerfd_triggered");
    CHECK(e.context->token == "SoftirqCtx");
    CHECK(e.context->held == section::raw);
    CHECK(has(e.verdict, "does not follow from this report"));
}

TEST_CASE("document 1: the arithmetic, the CMA, the worker, the NULL pointer")
{
    const auto all = explain(document1());
    REQUIRE(all.size() == 2);
    const explanation &e = all[0].e;
    CHECK(e.slug == "costly-atomic-order");
    CHECK(has(e.verdict, "305 free 64 kB blocks (C) and 264 larger (C), all of them CMA"));
    CHECK(has(e.verdict, "The largest usable order was 3"));
    CHECK(has(e.verdict, "GFP_ATOMIC was not needed"));
    REQUIRE(e.memory);
    CHECK(e.memory->explained);
    REQUIRE(e.memory->zones.size() == 1);
    const zone_check &z = e.memory->zones[0];
    CHECK(z.pages.free == 158325);
    CHECK(z.result.less_cma == 145990);
    CHECK(z.result.less_order == 15);
    CHECK(z.result.usable == 12320);
    CHECK(z.result.mark == 2560);
    CHECK(z.result.min == 960); // ALLOC_HIGH and ALLOC_HARDER: 3/8
    CHECK(z.result.verdict == kctx::kernel::watermark_result::outcome::no_block);
    CHECK(z.largest_order == 3);

    CHECK(all[1].r.exception->code == 0x96000006u);
    CHECK(all[1].e.slug == "unchecked-result");
    CHECK(has(all[1].e.verdict, "glSetHifInfo()"));
}

TEST_CASE("lowmem_reserve keeps big blocks of a low zone from a request")
{
    const auto all = explain(logs::data_file("kernel-runs/report-debian-6.1.192-big5g-1-paf.log"));
    REQUIRE(all.size() == 1);
    REQUIRE(all[0].e.memory);
    const zone_check &dma = all[0].e.memory->zones.at(0);
    CHECK(dma.largest_order == 10);
    CHECK_FALSE(dma.passes());
    CHECK(dma.result.lowmem_reserve == 4902);
    CHECK(has(dma.why, "lowmem_reserve"));
    CHECK(all[0].e.memory->largest_order == 4);
}

TEST_CASE("every field points at its bytes")
{
    const std::string text = document1();
    for (const explained &x : explain(text)) {
        std::map<std::string_view, std::string> at;
        for (const mark &m : x.r.marks)
            at.try_emplace(m.field, text.substr(m.where.begin, m.where.length));
        if (x.r.kind != report_kind::page_allocation_failure)
            continue;
        CHECK(at["order"] == "4");
        CHECK(at["mode"] == "a20");
        CHECK(at["names"] == "GFP_ATOMIC");
        CHECK(at["comm"] == "kworker/0:0");
        for (const zone_memory &z : x.r.memory->zones) {
            for (const amount &a : z.values)
                CHECK(text.substr(a.where.begin, a.where.length)
                          .starts_with(std::to_string(a.value)));
        }
    }
}

TEST_CASE("the same answer whatever stands before the lines, and in pieces of any size")
{
    const std::string whole = document1();
    const auto verdicts = [](const std::vector<explained> &all) {
        std::string text;
        for (const explained &x : all)
            text += std::string(kind_name(x.r.kind)) + x.e.slug +
                    (x.e.memory ? x.e.memory->why : "") + (x.e.call ? x.e.call->caller : "") + "\n";
        return text;
    };
    const std::string expected = verdicts(explain(whole));
    for (const std::string_view prefix :
         {"[  123.456789] ", "[  123.456789][    T7] ", "<4>[  123.456789] ", "<4>", "> ", "> > ",
          "| ", "Jul  5 12:34:56 host kernel: [  123.456789] ", "Jul  5 12:34:56 host kernel: ",
          "2024-01-31T12:34:56.000000+00:00 host kernel: ", "kern  :warn  : [  123.456789] ",
          "4,1234,123456789,-,caller=T7;", "[Mon Dec 22 10:18:18 2025] ", "  "}) {
        CAPTURE(prefix);
        std::string text, crlf;
        std::istringstream in(whole);
        for (std::string line; std::getline(in, line);) {
            text += std::string(prefix) + line + "\n";
            crlf += std::string(prefix) + line + "\r\n";
        }
        CHECK(verdicts(explain(text)) == expected);
        CHECK(verdicts(explain(crlf)) == expected);
    }
    for (const std::size_t piece : {1u, 7u, 100u, 4096u})
        CHECK(verdicts(explain(whole, {}, piece)) == expected);
}

TEST_CASE("lines of two CPUs that bear their callers are two reports")
{
    std::istringstream a(document("doc4_rt_timerfd_4.19_arm64.log"));
    std::istringstream b(document("doc0_irq_kmalloc_2.6.33_arm.log"));
    std::string text, line;
    for (bool any = true; any;) {
        any = false;
        if (std::getline(a, line)) {
            const std::size_t message = line.rfind("] ");
            text +=
                "[ 1.0][  C14] " + (message == line.npos ? line : line.substr(message + 2)) + "\n";
            any = true;
        }
        if (std::getline(b, line)) {
            text += "[ 1.0][   C3] " + line + "\n";
            any = true;
        }
    }
    const auto all = explain(text);
    REQUIRE(all.size() == 2);
    CHECK(all[0].e.call->caller == "timerfd_triggered");
    CHECK(all[1].e.call->caller == "init_rx_dma");
}

TEST_CASE("a log cut at any byte is answered")
{
    const std::string whole = document1();
    for (std::size_t length = 0; length <= whole.size(); length += 3) {
        for (const explained &x : explain(std::string_view(whole).substr(0, length)))
            CHECK_FALSE(x.e.verdict.empty());
        for (const explained &x : explain(std::string_view(whole).substr(length)))
            CHECK_FALSE(x.e.verdict.empty());
    }
}

TEST_CASE("codes of exceptions, by architecture")
{
    const auto oops = [](const std::string &text) {
        const auto all = explain(text);
        REQUIRE(all.size() == 1);
        REQUIRE(all[0].r.exception);
        return all[0];
    };
    const auto x86 =
        oops("BUG: unable to handle kernel NULL pointer dereference at 0000000000000010\n"
             "IP: [<ffffffff81234567>] card_write+0x12/0x80\n"
             "Oops: 0002 [#1] SMP\n"
             "RIP: 0010:[<ffffffff81234567>]  [<ffffffff81234567>] card_write+0x12/0x80\n");
    CHECK(x86.r.exception->code == 2u);
    CHECK(x86.r.exception->number == 1u);
    CHECK(x86.r.exception->at == "card_write");
    CHECK(has(x86.e.verdict, "wrote to address 0x10"));
    CHECK(has(x86.e.verdict, "a member at offset 16"));
    const auto arm =
        oops("Unable to handle kernel paging request at virtual address 6b6b6b6b\n"
             "pgd = c0004000\n[6b6b6b6b] *pgd=00000000\n"
             "Internal error: Oops: 805 [#2] PREEMPT ARM\nPC is at uart_stop+0x20/0x40\n"
             "Flags: nzCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment kernel\n");
    CHECK(arm.r.exception->code == 0x805u);
    CHECK(has(arm.e.verdict, "wrote to"));
    CHECK(has(arm.e.verdict, "freed"));
    CHECK(has(arm.e.verdict, "number 2 since boot"));
    const auto ppc = oops("BUG: Kernel NULL pointer dereference on write at 0x00000008\n"
                          "Faulting instruction address: 0xc0123456\n"
                          "Oops: Kernel access of bad area, sig: 11 [#1]\n"
                          "NIP [c0123456] probe_card+0x10/0x20\n");
    CHECK(ppc.r.exception->address == 8u);
    CHECK(has(ppc.e.verdict, "wrote to address 0x8 in probe_card()"));
    const auto bug = oops("kernel BUG at mm/slub.c:4240!\ninvalid opcode: 0000 [#1] SMP\n");
    CHECK(bug.r.exception->source == "mm/slub.c:4240");
    const auto panic =
        explain("Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n");
    REQUIRE(panic.size() == 1);
    CHECK(panic[0].r.kind == report_kind::kernel_panic);
    CHECK(has(panic[0].e.verdict, "pid 1 died"));
}

TEST_CASE("follow-up reports are explained, not decoded")
{
    for (const char *count : {"0x00000000", "0x7ffffe00", "0x7fffffff"}) {
        const auto all = explain(std::string("BUG: scheduling while atomic: sh/1/") + count + "\n");
        REQUIRE(all.size() == 1);
        CHECK(all[0].e.said.underflow);
        CHECK(all[0].e.said.parts.empty());
        CHECK(has(all[0].e.verdict, "not decoded"));
    }
}

TEST_CASE("the rebuild of document 1: every number, the same failure, the fix")
{
    const auto all = explain(document1());
    const rebuilt b = rebuild(all[0].r, all[0].e.said);
    CHECK(b.failure.empty());
    CHECK(b.not_reproduced.empty());
    CHECK(b.numbers > 30);
    std::vector<std::string> wrong;
    for (const contradiction &c : b.contradictions) {
        if (!c.expected)
            wrong.push_back(c.text);
    }
    REQUIRE(wrong.size() == 1); // [cma] isolate:1939456 of 917504 pages RAM
    CHECK(has(wrong[0], "isolate:1939456"));
    REQUIRE(b.trials.size() == 4);
    CHECK_FALSE(b.trials[0].works); // order 4, as in the log
    CHECK(b.trials[1].works);       // order 3
    CHECK_FALSE(b.trials[2].works); // GFP_KERNEL, from what is free alone
    CHECK(b.trials[3].works);       // movable
    CHECK(kctx::mm::dump_text(b.state).find("D end") != std::string::npos);
}

TEST_CASE("the rebuilt dump of document 1, printed by the model and read again, has its numbers")
{
    const auto all = explain(document1());
    const rebuilt b = rebuild(all[0].r, all[0].e.said);
    const kctx::mm::mem_info_format format(KCTX_VERSION(5, 4, 0));
    const std::string text = kctx::mm::print(kctx::mm::describe_mem_info(b.state, format), format);
    const auto again = explain(text);
    REQUIRE(again.size() == 1);
    REQUIRE(again[0].r.memory);
    const zone_memory &was = set_by_kind(all[0].r.memory).zones.at(0);
    const zone_memory &is = set_by_kind(again[0].r.memory).zones.at(0);
    for (const char *field : {"free", "min", "low", "high", "present", "managed", "free_cma"}) {
        CAPTURE(field);
        CHECK(is.kb(field) == was.kb(field));
    }
    REQUIRE(is.orders.size() == was.orders.size());
    for (std::size_t o = 0; o < was.orders.size(); ++o) {
        CHECK(is.orders[o].blocks == was.orders[o].blocks);
        CHECK(is.orders[o].types == was.orders[o].types);
    }
    CHECK(is.orders_total_kb == was.orders_total_kb);
}

TEST_CASE("a pagetypeinfo is rebuilt: every count, printed by the model and read again")
{
    unsigned rebuilt_ones = 0;
    for (const char *name :
         {"kernel-runs/snap-debian-6.1.192-big5g-filled.txt",
          "kernel-runs/snap-debian-6.1.192-frag16-keep16.txt",
          "kernel-runs/debian-6.1.192-frag2.log", "documents/doc1_pagetypeinfo_at_boot_5.4.txt"}) {
        CAPTURE(name);
        for (const explained &x : explain(logs::data_file(name))) {
            if (x.r.kind != report_kind::pagetypeinfo)
                continue;
            const rebuilt b = rebuild_pagetypeinfo(x.r, x.e.said);
            CHECK(b.failure == "");
            CHECK(b.not_reproduced == std::vector<std::string>{});
            CHECK(b.numbers > 50);
            ++rebuilt_ones;
        }
    }
    CHECK(rebuilt_ones >= 4);
    const auto cut = explain("Page block order: 9\nNode 0, zone Normal, type Unmovable 1 2\n");
    REQUIRE(cut.size() == 1);
    CHECK_FALSE(rebuild_pagetypeinfo(cut[0].r, cut[0].e.said).failure.empty());
}

TEST_CASE("the failures of our own kernel runs fail again in the rebuilt state")
{
    for (const char *name : {"big5g-1", "frag16-3", "low2-2"}) {
        CAPTURE(name);
        const auto all = explain(
            logs::data_file(std::string("kernel-runs/report-debian-6.1.192-") + name + "-paf.log"));
        REQUIRE(all.size() == 1);
        const rebuilt b = rebuild(all[0].r, all[0].e.said);
        CHECK(b.failure.empty());
        CHECK(b.not_reproduced.empty());
        REQUIRE(b.trials.size() >= 2);
        CHECK_FALSE(b.trials[0].works);
        CHECK(b.trials[1].works); // the largest order that the explanation names
        CHECK(has(b.trials[1].request, "order " + std::to_string(all[0].e.memory->largest_order)));
    }
}
