// SPDX-License-Identifier: BSL-1.0
// The page allocator model: rules by version in small states, invariants under random operations
// (rapidcheck), dumps and traces that are broken. KCTX_MM_OPERATIONS: how many random operations.
#include <doctest/doctest.h>

#include "../fuzz/read_trace.hpp"
#include "allocator_invariants.hpp"

#include <kctx/mm/cma.hpp>
#include <kctx/mm/replay.hpp>

#include <rapidcheck.h>

#include <cstdlib>
#include <string>
#include <vector>

using namespace kctx::mm;
using kctx::mm::test::broken_invariant;
using kctx::mm::test::touched_pages;

namespace {

constexpr unsigned kernel_mask = 0xcc0, nowait = 0x800, atomic = 0xa20;
const char *const releases[] = {"2.6.33", "4.4.60", "5.4.124", "6.1.192", "6.12.10", "6.12.117"};

boot_config small(const std::string &release)
{
    boot_config c;
    c.release = release;
    c.pageblock_order = 9;
    using kctx::kernel::zone_type;
    c.zones.push_back(
        {.type = zone_type::ZONE_DMA32, .start_pfn = 0, .pages = 8192, .reserved = 70});
    c.zones.push_back(
        {.type = zone_type::ZONE_NORMAL, .start_pfn = 8192, .pages = 16384, .cma_pages = 4096});
    return c;
}

boot_config one_zone()
{
    boot_config c;
    c.pageblock_order = 9;
    c.zones.push_back({.pages = 8192});
    return c;
}

/// All memory goes to movable pages that can be reclaimed, then every n-th of them is freed; all of
/// them.
std::vector<std::uint64_t> fill_with_reclaimable(page_allocator &a, std::size_t n)
{
    std::vector<std::uint64_t> pages;
    while (const page_result p = a.alloc_pages(nowait | 8 | 0x20000, 0))
        pages.push_back(p.pfn());
    for (const std::uint64_t pfn : pages)
        a.set_reclaimable(pfn);
    for (std::size_t i = 0; i < pages.size(); i += n)
        a.free_pages(pages[i], 0);
    return pages;
}

/// The pages of a mask in a kernel of this version: 2.6.33 has other bits.
unsigned mask_of(const page_allocator &a, unsigned kind)
{
    const auto &m = a.masks();
    const unsigned kswapd = m.kswapd_reclaim;
    switch (kind % 6) {
    case 0:
        return kswapd;
    case 1:
        return kswapd | m.reclaimable;
    case 2:
        return kswapd | m.movable;
    case 3:
        return kswapd | m.high | m.atomic;
    case 4:
        return kswapd | m.direct_reclaim | m.io | m.fs;
    default:
        return kswapd | m.direct_reclaim | m.io | m.fs | m.movable;
    }
}

struct block {
    std::uint64_t pfn;
    unsigned order;
};

/// Random requests and frees, some of the pages movable or reclaimable, CMA in between. Each
/// operation is followed by a check of what it touched, one in so many by a check of all pages.
void run_random(const char *release, std::uint64_t seed, unsigned operations, unsigned all_every)
{
    page_allocator a(small(release));
    touched_pages touched(a);
    const memory_state booted = a.save();
    const bool marks = seed % 2 != 0; // else no page is movable, and no free is looked at for that
    cma_area area(8192 + 12288, 4096);
    cma_allocator contiguous(a);
    std::vector<block> live, areas;
    const auto rnd = [&seed] {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        return seed ^= seed << 17;
    };
    const auto operation = [&] {
        const std::uint64_t x = rnd();
        if ((x & 0xfff) == 0) {
            a.drain_all_pages();
        } else if ((x & 0xfff) == 1) {
            touched.everything();
            const page_result got = contiguous.alloc(area, 1 + (x >> 20) % 300, 0);
            if (got)
                areas.push_back({got.pfn(), static_cast<unsigned>(1 + (x >> 20) % 300)});
        } else if ((x & 0xfff) < 8 && !areas.empty()) {
            touched.everything();
            RC_ASSERT(contiguous.release(area, areas.back().pfn, areas.back().order));
            areas.pop_back();
        } else if ((x & 3) < 2 && !live.empty()) {
            const std::size_t at = (x >> 12) % live.size();
            const block b = live[at];
            live[at] = live.back();
            live.pop_back();
            touched.block(b.pfn);
            a.free_pages(b.pfn, b.order);
        } else {
            const auto order = static_cast<unsigned>(std::countr_zero((x >> 24) | 1u << 10));
            const unsigned mask = mask_of(a, static_cast<unsigned>(x >> 40));
            const page_result got = a.alloc_pages(mask, order);
            if (!got)
                return;
            touched.block(got.pfn());
            RC_ASSERT((got.pfn() & ((1u << order) - 1)) == 0);
            if (marks && order == 0 && (mask & a.masks().movable) != 0)
                a.set_movable(got.pfn()); // migrated pages are freed where they are then, or stay
            else
                live.push_back({got.pfn(), order});
        }
    };
    for (unsigned i = 0; i < operations; ++i) {
        operation();
        if (i % all_every == 0)
            touched.everything();
        const std::string wrong = touched.broken();
        if (!wrong.empty())
            RC_FAIL(std::string(release) + ", operation " + std::to_string(i) + ": " + wrong);
    }
    // Everything is given back: the lists hold what they held after boot.
    for (const block &b : live)
        a.free_pages(b.pfn, b.order);
    for (const block &b : areas)
        RC_ASSERT(contiguous.release(area, b.pfn, b.order));
    for (const zone &z : a.zones()) {
        for (std::uint64_t pfn = z.start_pfn; pfn < z.start_pfn + z.spanned; ++pfn) {
            if (a.map().tag[a.map().index(pfn)].is_movable())
                a.free_pages(pfn, 0);
        }
    }
    a.drain_all_pages();
    RC_ASSERT(broken_invariant(a).empty());
    for (std::size_t i = 0; i < a.zones().size(); ++i)
        RC_ASSERT(a.zones()[i].free.exact() == booted.zones[i].free.exact());
}

unsigned operations()
{
    const char *n = std::getenv("KCTX_MM_OPERATIONS");
    return n == nullptr ? 30000 : static_cast<unsigned>(std::strtoul(n, nullptr, 10));
}

const char *const tiny_dump = "H kernel=5.4.124\n"
                              "H page_shift=12 max_order=11 pageblock_order=10 maxnrzones=3\n"
                              "D begin 0 start\n"
                              "Z 0 DMA32 start=0 spanned=2048 present=2048 managed=2048\n"
                              "W 16 20 24 boost=0\n"
                              "L 0 0 0\n"
                              "V free=1025 free_diff=0 cma=0 cma_diff=0 threshold=4 driftmark=0 "
                              "flags=0x0\n"
                              "H highatomic=0 isolate=0\n"
                              "P 0 count=1 high=90 batch=15\n"
                              "p 0 401:0\n"
                              "B 0 0\n"
                              "B 400 1\n"
                              "l 402+3\n"
                              "S 0 1 400\n"
                              "S 10 0 0\n"
                              "D end 0 h=0\n";

memory_state state_from(const std::string &text)
{
    dump_reader reader;
    unsigned long number = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        ++number;
        if (line.starts_with("H ") && !reader.inside())
            reader.header(line, number);
        else
            reader.read(line, number);
        at = end + 1;
    }
    return reader.state();
}

std::string refusal(const std::string &text)
{
    try {
        page_allocator a(state_from(text));
        return {};
    } catch (const malformed &e) {
        return e.what();
    } catch (const std::invalid_argument &e) {
        return e.what();
    }
}

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("a booted zone gives its highest block first, and the lowest part of it")
{
    page_allocator a(boot_config{.release = "5.4.124", .zones = {{.pages = 4096}}});
    const page_result four = a.alloc_pages(kernel_mask, 4);
    REQUIRE(four);
    CHECK(four.pfn() == 3 * 1024);
    CHECK(a.alloc_pages(kernel_mask, 4).pfn() == 3 * 1024 + 16);
    a.free_pages(four.pfn(), 4);
    CHECK(a.alloc_pages(kernel_mask, 4).pfn() == four.pfn());
    CHECK(broken_invariant(a).empty());
}

TEST_CASE("marks, reserves and lists of a booted machine are those that the kernel computes")
{
    // The numbers of the recorded 5.4.124.
    boot_config c;
    c.pageblock_order = 10;
    c.zones.push_back({.type = kctx::kernel::zone_type::ZONE_DMA32,
                       .pages = 65536,
                       .cma_pages = 16384,
                       .managed = 62748});
    c.min_free_kbytes = 1985;
    const page_allocator a(c);
    const zone &z = a.zones()[0];
    CHECK(z.wmark == kctx::kernel::watermarks{496, 620, 744});
    CHECK(z.stat_threshold == 4);
    CHECK(z.pcp.batch == 15);
    CHECK(z.pcp.high == 90);
}

TEST_CASE("an unmovable request of order 4 fails beside free CMA, a movable one does not")
{
    boot_config c;
    c.zones.push_back(
        {.type = kctx::kernel::zone_type::ZONE_DMA32, .pages = 8192, .cma_pages = 4096});
    page_allocator a(c);
    while (a.alloc_pages(nowait | 0x20000, 0)) { // __GFP_MEMALLOC: no watermark
    }
    CHECK_FALSE(a.alloc_pages(atomic, 4));
    CHECK(a.last_failure().why == alloc_failure::no_pages);
    REQUIRE(a.last_failure().zones.size() == 1);
    CHECK(a.last_failure().zones[0].watermark.less_cma == 4096);
    CHECK(a.alloc_pages(nowait | 8, 4));
}

TEST_CASE("who may wait compacts and reclaims where GFP_ATOMIC fails")
{
    page_allocator a(one_zone());
    fill_with_reclaimable(a, 4);
    a.drain_all_pages();
    CHECK_FALSE(a.alloc_pages(atomic, 4));
    CHECK(a.alloc_pages(kernel_mask, 4));
    CHECK(broken_invariant(a).empty());
}

TEST_CASE("what compaction has moved can be reclaimed where it is now")
{
    page_allocator a(one_zone());
    const std::vector<std::uint64_t> pages = fill_with_reclaimable(a, 2);
    a.compact_memory();
    CHECK(broken_invariant(a).empty());
    CHECK(a.alloc_pages(atomic, 9)); // half of the pages are free, and in one piece
    std::size_t got = 0;
    while (a.alloc_pages(kernel_mask, 0))
        ++got;
    CHECK(got > pages.size() * 3 / 4); // nearly all: what was moved is reclaimed as well
    CHECK(broken_invariant(a).empty());
}

TEST_CASE("__GFP_NOFAIL never returns in vain, __GFP_NORETRY gives up")
{
    page_allocator a(boot_config{.zones = {{.pages = 2048}}});
    while (a.alloc_pages(nowait | 0x20000, 0)) {
    }
    CHECK_FALSE(a.alloc_pages(kernel_mask | 0x10000, 3));
    CHECK(a.last_failure().why == alloc_failure::no_pages);
    CHECK_FALSE(a.alloc_pages(kernel_mask | 0x8000, 0));
    CHECK(a.last_failure().why == alloc_failure::loops_forever);
}

TEST_CASE("the n-th request fails when told to")
{
    page_allocator a(boot_config{.zones = {{.pages = 2048}}});
    a.fail_request(2);
    CHECK(a.alloc_pages(kernel_mask, 0));
    CHECK_FALSE(a.alloc_pages(kernel_mask, 0));
    CHECK(a.last_failure().why == alloc_failure::injected);
    CHECK(a.alloc_pages(kernel_mask, 0));
    CHECK_FALSE(a.alloc_pages(kernel_mask, 11));
    CHECK(a.last_failure().why == alloc_failure::order_too_large);
    CHECK_THROWS_AS(a.free_pages(1u << 20, 0), std::out_of_range);
}

TEST_CASE("cma_alloc moves what is in its way, and gives back what it does not need")
{
    for (const char *release : {"5.4.124", "6.1.192"}) {
        boot_config c;
        c.release = release;
        c.pageblock_order = 9;
        c.zones.push_back({.pages = 8192, .cma_pages = 2048});
        page_allocator a(c);
        cma_area area(6144, 2048);
        cma_allocator contiguous(a);
        std::vector<std::uint64_t> pages;
        while (const page_result p = a.alloc_pages(nowait | 8, 0)) {
            pages.push_back(p.pfn());
            a.set_movable(p.pfn());
        }
        for (std::size_t i = 0; i < pages.size(); ++i) {
            if (pages[i] < 6144 && i % 4 == 0)
                a.free_pages(pages[i], 0);
        }
        const page_result got = contiguous.alloc(area, 100, 4);
        REQUIRE(got);
        CHECK(got.pfn() % 16 == 0);
        CHECK(broken_invariant(a).empty());
        CHECK(contiguous.release(area, got.pfn(), 100));
        CHECK_FALSE(contiguous.release(area, got.pfn(), 100));
        CHECK(broken_invariant(a).empty());
    }
}

TEST_CASE("invariants hold under random operations, in every version")
{
    for (const char *release : releases) {
        CAPTURE(release);
        CHECK(rc::check(std::string("invariants of ") + release, [release] {
            const auto seed = *rc::gen::inRange<std::uint64_t>(1, ~std::uint64_t{0});
            run_random(release, seed, operations() / 600, 1000);
        }));
    }
}

TEST_CASE("a state survives being saved as text and loaded again")
{
    for (const char *release : releases) {
        page_allocator a(small(release));
        for (unsigned i = 0; i < 500; ++i)
            static_cast<void>(a.alloc_pages(mask_of(a, i), i % 4));
        const std::string text = dump_text(a.save());
        const page_allocator b(state_from(text));
        CHECK(dump_text(b.save()) == text);
        CHECK(a.digest() == b.digest());
    }
}

TEST_CASE("states that contradict themselves are refused, and said why")
{
    CHECK(refusal(tiny_dump).empty());
    const auto says = [](const std::string &from, const std::string &to, const std::string &why) {
        const std::string what = refusal(replaced(tiny_dump, from, to));
        CAPTURE(what);
        CHECK(what.find(why) != std::string::npos);
    };
    says("S 10 0 0", "S 10 0 1", "not aligned");
    says("S 10 0 0", "S 10 0 0 0", "two free lists");
    says("S 10 0 0", "S 10 0 0\nS 1 0 2", "overlap");
    says("S 10 0 0", "S 10 0 4000", "outside zone");
    says("S 10 0 0", "S 11 0 0", "line 15: order 11 is too large");
    says("S 10 0 0", "S 10 9 0", "line 15: migrate type 9");
    says("S 10 0 0", "S 10 0 0x", "line 15: ");
    says("p 0 401:0", "p 0 400:0", "on a per-cpu list and on a free list");
    says("count=1", "count=2", "1 pages on per-cpu lists, count 2");
    says("l 402+3", "l 400+3", "free, and in use");
    says("pageblock_order=10", "pageblock_order=12", "orders that cannot be");
    says("kernel=5.4.124", "kernel=five", "none that is modelled");
    says("spanned=2048", "spanned=99999999999", "spans no pages, or too many");
    says("Z 0 DMA32", "Z 0 DMA33", "no such zone");
    says("W 16 20 24 boost=0", "W 16 20", "line 5: ");
    says("W 16 20 24 boost=0", "Q", "line 5: 'Q' is no line of a dump");
}

TEST_CASE("the kernel's own tracepoints are read, and compared page by page")
{
    trace_replay replay;
    replay.start_from(
        page_allocator(boot_config{.release = "6.1.192", .zones = {{.pages = 4096}}}).save());
    replay.read("# tracer: nop");
    replay.read("     kworker-7 [000] ..... 12.0: mm_page_alloc_extfrag: page=00000000aa pfn=0xc00 "
                "alloc_order=4 fallback_order=10 pageblock_order=10 alloc_migratetype=0 "
                "fallback_migratetype=1 fragmenting=0 change_ownership=1");
    replay.read("     kworker-7 [000] ..... 12.1: mm_page_alloc: page=00000000aa pfn=0xc00 order=4 "
                "migratetype=0 gfp_flags=GFP_KERNEL|__GFP_ZERO");
    replay.read("     kworker-7 [000] ..... 12.2: mm_page_free: page=00000000aa pfn=0xc00 order=4");
    replay.read("     kworker-7 [000] ..... 12.3: mm_page_alloc: page=00000000aa pfn=0xc10 order=4 "
                "migratetype=0 gfp_flags=GFP_KERNEL");
    replay.finish();
    CHECK(replay.counts().allocs == 2);
    CHECK(replay.counts().allocs_equal == 1);
    REQUIRE(replay.first_difference() != nullptr);
    CHECK(replay.first_difference()->line == 5);
    CHECK(
        replay.first_difference()->what ==
        "alloc_pages(0xcc0, 4): the model gives frame c00, the trace has frame c10, which is in a "
        "free block of order 4, type 0 there");

    trace_replay broken;
    CHECK_THROWS_WITH_AS(
        broken.read(" a-1 [0] 1.0: mm_page_alloc: page=0 pfn=0x1 order=0 migratetype=0 "
                    "gfp_flags=GFP_NONE"),
        "line 1: 'GFP_NONE' is no GFP flag of this kernel", malformed);
    CHECK_THROWS_AS(broken.read("e a 12 99 0x0 0"), malformed);
    CHECK_THROWS_AS(broken.read("e q 12"), malformed);
}

TEST_CASE("dumps and traces that are broken in any byte neither crash nor hang")
{
    const std::string whole =
        std::string(tiny_dump) +
        "e a 401 0 0xcc0 0\nA 1 0xcc0 0 401 n=1025 c=0 b=0\n"
        "e x 0 1 10 0 1 1\ne f 401 0\ne b 401\ne d 400 0 1\nO drain n=1\n"
        "Y 0 402 n=1\n> C 4 1\nC 4 1 FAIL n=3\nc 4 10 1 n=4\n> snap a\n< snap\n";
    std::uint64_t seed = 88172645463325252ull;
    const auto rnd = [&seed] {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        return seed ^= seed << 17;
    };
    for (unsigned round = 0; round < KCTX_FUZZ_ROUNDS; ++round) {
        std::string text = whole;
        for (std::uint64_t n = 1 + rnd() % 4; n > 0; --n) {
            const std::size_t at = rnd() % text.size();
            switch (rnd() % 4) {
            case 0:
                text[at] = static_cast<char>(rnd());
                break;
            case 1:
                text.erase(at, rnd() % 9);
                break;
            case 2:
                text.insert(at, text.substr(rnd() % text.size(), rnd() % 60));
                break;
            default:
                text.insert(at, 1, "0123456789abcdef \n=:+-"[rnd() % 22]);
            }
        }
        fuzz::read_trace(text);
    }
}
