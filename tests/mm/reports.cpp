// SPDX-License-Identifier: BSL-1.0
// The kernel's reports about memory: each text that a running kernel printed is read and printed
// again, byte by byte the same; and texts that are broken are refused with a line and a reason.
#include <doctest/doctest.h>

#include "kernel_texts.hpp"

#include <kctx/mm/failure_report.hpp>
#include <kctx/mm/pagetypeinfo.hpp>
#include <kctx/mm/zoneinfo.hpp>

#include <map>
#include <random>

using namespace kctx;
using namespace kctx::mm;

namespace {

std::string data(const std::string &name) { return texts::read(KCTX_TEST_DATA "/" + name); }

/// Words and numbers alone, for texts whose blanks are not the kernel's.
std::string squeezed(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    while (out.ends_with(' '))
        out.pop_back();
    return out;
}

/// The text read and printed again.
std::string again(const texts::text &t)
{
    if (t.kind == "Mem-Info") {
        const mem_info_format format(t.version);
        scanner in(t.content);
        const mem_info m = parse_mem_info(in, format);
        CHECK(parse_mem_info(print(m, format), format) == m);
        return print(m, format);
    }
    if (t.kind == "buddyinfo")
        return print(parse_buddyinfo(t.content));
    if (t.kind == "pagetypeinfo")
        return print(parse_pagetypeinfo(t.content));
    if (t.kind == "zoneinfo")
        return print(parse_zoneinfo(t.content), t.version);
    return {};
}

} // namespace

TEST_CASE("what kernels printed is read and printed the same")
{
    std::map<std::string, unsigned> count;
    for (const texts::text &t : texts::all()) {
        CAPTURE(t.file);
        const std::string printed = again(t);
        if (printed.empty())
            continue;
        ++count[t.kind];
        if (t.kind == "Mem-Info")
            CHECK(t.content.substr(0, printed.size()) == printed);
        else
            CHECK(t.content == printed);
    }
    CHECK(count["Mem-Info"] >= 45);
    CHECK(count["buddyinfo"] >= 43);
    CHECK(count["pagetypeinfo"] >= 43);
    CHECK(count["zoneinfo"] >= 43);
}

TEST_CASE("extfrag: both indices follow from buddyinfo as the kernel computed them")
{
    std::string buddy;
    unsigned compared = 0;
    for (const texts::text &t : texts::all()) {
        CAPTURE(t.file);
        if (t.kind == "buddyinfo")
            buddy = t.content;
        if (t.kind == "unusable_index") {
            CHECK(print_unusable_index(parse_buddyinfo(buddy)) == t.content);
            ++compared;
        } else if (t.kind == "extfrag_index") {
            CHECK(print_extfrag_index(parse_buddyinfo(buddy)) == t.content);
            ++compared;
        }
    }
    CHECK(compared >= 50);
}

TEST_CASE("document 1: the vendor's Mem-Info, whose blanks the document changed")
{
    const std::string text = data("logs/documents/doc1_mem_info_5.4.log");
    const mem_info_format format(KCTX_VERSION(5, 4, 125), kernel::mem_info_of_amlogic);
    const mem_info m = parse_mem_info(text, format);
    CHECK(squeezed(print(m, format)) == squeezed(text));
    REQUIRE(m.zones.size() == 1);
    CHECK(m.zones[0].values["present"] == 917504);
    CHECK(m.zones[0].orders[4].types == "C");
    CHECK(m.after_orders["Free_CMA"] == 145990);
    // The mainline format does not have the vendor's fields, and says where.
    CHECK_THROWS_WITH_AS(parse_mem_info(text, mem_info_format(KCTX_VERSION(5, 4, 125))),
                         "line 5: expected 'mapped:', and there is 'slab_unreclaimable_Order'",
                         malformed);
}

TEST_CASE("document 1: its pagetypeinfo, with Android's order of types")
{
    const std::string text = data("logs/documents/doc1_pagetypeinfo_at_boot_5.4.txt");
    const pagetypeinfo p = parse_pagetypeinfo(text);
    CHECK(squeezed(print(p)) == squeezed(text));
    CHECK(p.types == std::vector<std::string>{"Unmovable", "Movable", "Reclaimable", "CMA",
                                              "HighAtomic", "Isolate"});
    CHECK(p.zones[0].pageblocks[3] == 237);
    CHECK(p.zones[0].free[3][10].blocks == 170);
}

TEST_CASE("the first line by version")
{
    failed_request r;
    r.comm = "kworker/0:0";
    r.order = 4;
    r.gfp = 0xa20;
    r.cpuset = "/";
    CHECK(failure_header(KCTX_VERSION(5, 4, 125), r) ==
          "kworker/0:0: page allocation failure: order:4, mode:0xa20(GFP_ATOMIC), "
          "nodemask=(null),cpuset=/,mems_allowed=0\n");
    r.gfp = 0x20;
    CHECK(failure_header(KCTX_VERSION(2, 6, 33), r) ==
          "kworker/0:0: page allocation failure. order:4, mode:0x20\n");
    CHECK(failure_header(KCTX_VERSION(3, 10, 0), r) ==
          "kworker/0:0: page allocation failure: order:4, mode:0x20\n");
    r.gfp = 0x1080020;
    CHECK(failure_header(KCTX_VERSION(4, 19, 0), r) ==
          "kworker/0:0: page allocation failure: order:4, mode:" +
              std::string(kernel::format_gfp_mode(KCTX_VERSION(4, 19, 0), r.gfp).text + 5) +
              ", nodemask=(null)\nkworker/0:0 cpuset=/ mems_allowed=0\n");
    failed_request oom;
    oom.comm = "buddylab";
    oom.gfp = 0xcc0;
    CHECK(oom_header(KCTX_VERSION(6, 1, 192), oom, -1000) ==
          "buddylab invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
          "oom_score_adj=-1000\n");
    oom.gfp = 0xd0;
    CHECK(oom_header(KCTX_VERSION(2, 6, 33), oom, 0) ==
          "buddylab invoked oom-killer: gfp_mask=0xd0, order=0, oom_adj=0\n");
}

TEST_CASE("the first lines of kernel logs come out of their numbers")
{
    unsigned compared = 0;
    for (const auto &entry :
         std::filesystem::recursive_directory_iterator(KCTX_TEST_DATA "/kernel-truth/buddy")) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("dmesg_"))
            continue;
        const unsigned version =
            name.find("_54") != name.npos ? KCTX_VERSION(5, 4, 124) : KCTX_VERSION(6, 1, 192);
        std::istringstream log(without_prefixes(texts::read(entry.path())));
        for (std::string line; std::getline(log, line);) {
            const std::size_t at = line.find(": page allocation failure: order:");
            if (at == line.npos)
                continue;
            failed_request r;
            r.comm = line.substr(0, at);
            scanner in(std::string_view(line).substr(at));
            in.expect(": page allocation failure: order:");
            r.order = static_cast<unsigned>(in.number());
            in.expect(", mode:0x");
            r.gfp = static_cast<unsigned>(std::stoul(in.word("("), nullptr, 16));
            r.nodemask = line.substr(line.find("nodemask=") + 9);
            CHECK(failure_header(version, r) == line + "\n");
            ++compared;
        }
    }
    CHECK(compared == 13);
}

TEST_CASE("warn_alloc's rate limit: when the kernel is silent")
{
    constexpr unsigned hz = 250;
    warn_alloc_limit v54(KCTX_VERSION(5, 4, 0), hz);
    CHECK(v54.ask(1000, 0xa20) == warn_verdict::reported);
    CHECK(v54.ask(1001, 0xa20) == warn_verdict::rate_limited);
    CHECK(v54.ask(1000 + 10 * hz, 0xa20) == warn_verdict::rate_limited);
    CHECK(v54.ask(1001 + 10 * hz, 0x2a20) == warn_verdict::nowarn); // costs nothing
    CHECK(v54.suppressed().empty());
    CHECK(v54.ask(1001 + 10 * hz, 0xa20) == warn_verdict::reported);
    CHECK(v54.suppressed() == "warn_alloc: 2 callbacks suppressed\n");
    // Ten in five seconds before 5.4.
    warn_alloc_limit v419(KCTX_VERSION(4, 19, 0), hz);
    constexpr unsigned atomic_of_419 = 0x480020;
    for (int i = 0; i < 10; ++i)
        CHECK(v419.ask(7, atomic_of_419) == warn_verdict::reported);
    CHECK(v419.ask(7, atomic_of_419) == warn_verdict::rate_limited);
    CHECK(v419.ask(8 + 5 * hz, atomic_of_419) == warn_verdict::reported);
    warn_alloc_limit v61(KCTX_VERSION(6, 1, 0), hz);
    CHECK(v61.ask(1, 0xcc1, false) == warn_verdict::no_dma_zone);
    CHECK(v61.ask(2, 0xcc0, false) == warn_verdict::rate_limited); // the limit came first
}

TEST_CASE("which nodes and zones a report shows")
{
    mem_info m;
    m.nodes = {{0, {}}, {1, {}}};
    for (const unsigned node : {0u, 1u}) {
        for (const char *name : {"DMA", "DMA32", "Normal"})
            m.zones.push_back({node, name, {}, {}, {}, {}});
    }
    const unsigned only_node_0[] = {0};
    failed_request kernel_request;
    kernel_request.gfp = 0xcc0;
    failed_request atomic = kernel_request;
    atomic.gfp = 0xa20;
    constexpr unsigned v54 = KCTX_VERSION(5, 4, 0);
    CHECK(shown_with(m, v54, kernel_request, only_node_0).nodes.size() == 1);
    CHECK(shown_with(m, v54, kernel_request, only_node_0).zones.size() == 3);
    CHECK(shown_with(m, v54, atomic, only_node_0).zones.size() == 6); // cannot wait: all
    kernel_request.who.in_interrupt = true;
    CHECK(shown_with(m, v54, kernel_request, only_node_0).zones.size() == 6);
    kernel_request.who = {.memalloc = true};
    CHECK(shown_with(m, v54, kernel_request, only_node_0).zones.size() == 6);
    kernel_request.gfp |= 0x80000; // __GFP_NOMEMALLOC: no claim on the reserves
    CHECK(shown_with(m, v54, kernel_request, only_node_0).zones.size() == 3);
    atomic.gfp = 0xa24; // __GFP_DMA32
    CHECK(shown_with(m, v54, atomic, only_node_0).zones.size() == 6);
    CHECK(shown_with(m, KCTX_VERSION(6, 1, 0), atomic, only_node_0).zones.size() == 4);
}

TEST_CASE("broken texts are refused with line and reason")
{
    CHECK_THROWS_WITH_AS(parse_buddyinfo(""), "line 1: expected 'Node', and the text ends",
                         malformed);
    CHECK_THROWS_WITH_AS(parse_buddyinfo("Node 0, zone DMA 1 2 3\nNode 0, zone DMA32 1 2\n"),
                         "line 2: zone DMA32 has 2 orders, and zone DMA has 3, and the text ends",
                         malformed);
    CHECK_THROWS_WITH_AS(parse_buddyinfo("Node 0, zone DMA 99999999999999999999999\n"),
                         doctest::Contains("line 1: a number beyond 64 bits"), malformed);
    CHECK_THROWS_WITH_AS(parse_pagetypeinfo("Page block order: 9\nPages per block: 1024\n"),
                         doctest::Contains("expected 512 pages per block"), malformed);
    CHECK_THROWS_WITH_AS(parse_zoneinfo("Node 0, zone DMA\n pages free 3\n min x\n"),
                         doctest::Contains("line 3: expected 'protection: ('"), malformed);
    const std::string text = data("kernel-truth/buddy/dmesg_54a_s3c.txt");
    std::string log = without_prefixes(text);
    log.erase(0, log.find("Mem-Info:"));
    const mem_info_format format(KCTX_VERSION(5, 4, 124));
    const auto with = [&](const char *what, const char *other) {
        std::string changed = log;
        changed.replace(changed.find(what), std::string_view(what).size(), other);
        return changed;
    };
    CHECK_THROWS_WITH_AS(parse_mem_info(with("305*64kB (C)", "306*64kB (C)"), format),
                         doctest::Contains("the blocks are 32496 kB, and the line says 32432"),
                         malformed);
    CHECK_THROWS_WITH_AS(parse_mem_info(with("(U) 305", "(EU) 305"), format),
                         doctest::Contains("types 'EU' are not those"), malformed);
    CHECK_THROWS_WITH_AS(parse_mem_info(with("305*64kB (C)", "305*64kB"), format),
                         doctest::Contains("305 blocks of 64 kB, and their types are ''"),
                         malformed);
    CHECK_THROWS_WITH_AS(parse_mem_info(with("free:32432kB", "free:32433kB"), format),
                         doctest::Contains("free is not a whole number of pages of 4 kB"),
                         malformed);
    CHECK_THROWS_AS(parse_mem_info(log.substr(0, 500), format), malformed);
}

TEST_CASE("fuzz: broken texts are refused, or read, printed and read the same")
{
    const std::vector<texts::text> all = texts::all();
    std::mt19937 random(54); // the same in each run
    const auto below = [&random](std::size_t n) { return n == 0 ? 0 : random() % n; };
    const char *const words[] = {"0",
                                 "18446744073709551615",
                                 "\n",
                                 "kB",
                                 "Node 0, zone ",
                                 "(",
                                 "cpu: ",
                                 ":",
                                 "*4kB",
                                 "pages ",
                                 "per-cpu:",
                                 "="};
    unsigned refused = 0, read = 0;
    for (int round = 0; round < KCTX_FUZZ_ROUNDS; ++round) {
        texts::text t = all[below(all.size())];
        if (t.content.empty() || t.kind.ends_with("index"))
            continue;
        if (round % 3 == 0)
            t.version = KCTX_VERSION(3, 10, 0);
        for (std::size_t change = 0; change < 1 + below(3); ++change) {
            const std::size_t at = below(t.content.size() + 1);
            switch (below(4)) {
            case 0:
                t.content.resize(at);
                break;
            case 1:
                t.content.insert(at, words[below(std::size(words))]);
                break;
            case 2:
                t.content.erase(at, below(20));
                break;
            default:
                if (at < t.content.size())
                    t.content[at] = static_cast<char>(random());
            }
        }
        CAPTURE(t.content);
        try {
            texts::text second = t;
            second.content = again(t);
            CHECK(again(second) == second.content);
            ++read;
        } catch (const malformed &e) {
            const auto lines = std::count(t.content.begin(), t.content.end(), '\n') + 1;
            CHECK(static_cast<long>(e.line()) <= lines);
            ++refused;
        }
    }
    CHECK(refused > 0);
    CHECK(read > 0);
}
