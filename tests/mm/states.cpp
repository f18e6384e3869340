// SPDX-License-Identifier: BSL-1.0
// States that are built from reports, and reports of states: what pagetypeinfo counts is in the
// model after it was loaded and saved.
#include <doctest/doctest.h>

#include "kernel_texts.hpp"

#include <kctx/mm/contradictions.hpp>
#include <kctx/mm/draw.hpp>
#include <kctx/mm/owners.hpp>
#include <kctx/mm/rebuild.hpp>
#include <kctx/mm/slab.hpp>

#include <random>

using namespace kctx;
using namespace kctx::mm;

namespace {

std::string release_of(unsigned version)
{
    return version == KCTX_VERSION(5, 4, 124) ? "5.4.124" : "6.1.192";
}

/// 256 MB of which 64 MB are CMA, as the measured kernels have it.
boot_config small_machine(const std::string &release = "5.4.124")
{
    boot_config c;
    c.release = release;
    c.zones.push_back({kernel::zone_type::ZONE_DMA32, 0, 65536, 1024, 16384, 0});
    return c;
}

constexpr unsigned GFP_ATOMIC = 0xa20, GFP_KERNEL = 0xcc0, GFP_COMP = 0x40000;

} // namespace

TEST_CASE("every pagetypeinfo becomes a state, is loaded, saved, and printed the same")
{
    unsigned built = 0;
    std::string counts;
    for (const texts::text &t : texts::all()) {
        CAPTURE(t.file);
        if (t.kind == "pagetypeinfo")
            counts = t.content;
        if (t.kind != "zoneinfo")
            continue;
        const pagetypeinfo p = parse_pagetypeinfo(counts);
        const memory_state s = build_state(release_of(t.version), p, parse_zoneinfo(t.content));
        const page_allocator pages(s);
        const auto types = kernel::migratetypes_of(t.version, p.index_of("CMA") >= 0);
        CHECK(print(describe_pagetypeinfo(pages.save(), types)) == counts);
        for (std::size_t i = 0; i < s.zones.size(); ++i)
            CHECK(pages.zones()[i].free.global == s.zones[i].free.global);
        CHECK(print(describe_zoneinfo(pages.save(), parse_zoneinfo(t.content)), t.version) ==
              t.content);
        const zoneinfo alone = describe_zoneinfo(s);
        CHECK(parse_zoneinfo(print(alone, t.version)) == alone);
        ++built;
    }
    CHECK(built >= 43);
}

TEST_CASE("no two blocks that were laid out would have merged")
{
    std::mt19937 random(9);
    for (int round = 0; round < 200; ++round) {
        zone_plan plan;
        plan.spanned = plan.present = plan.managed = 65536;
        plan.pageblocks = {10, 30, 8, 0, 16, 0};
        for (const unsigned type : {unmovable, movable, reclaimable, cma}) {
            for (unsigned order = 0; order < max_orders; ++order)
                plan.free[type][order] = random() % (order < 5 ? 40 : 3);
        }
        const zone_state z = build_zone(plan, max_orders, 10);
        CHECK(count_free(z) == plan.free);
        for (unsigned order = 0; order + 1 < max_orders; ++order) {
            std::vector<std::uint64_t> all;
            for (const auto &list : z.lists[order])
                all.insert(all.end(), list.begin(), list.end());
            for (const std::uint64_t pfn : all)
                CHECK(std::count(all.begin(), all.end(), pfn ^ (1ull << order)) == 0);
        }
    }
    zone_plan full;
    full.spanned = full.present = full.managed = 4096;
    full.pageblocks[movable] = 4;
    full.free[movable][9] = 5;
    CHECK_THROWS_WITH_AS(build_zone(full, max_orders, 10),
                         "zone Normal: the free blocks do not fit into its pageblocks",
                         std::invalid_argument);
}

TEST_CASE("a Mem-Info of a state has the allocator's numbers and keeps the others")
{
    for (const texts::text &t : texts::all()) {
        if (t.kind != "Mem-Info")
            continue;
        CAPTURE(t.file);
        const mem_info_format format(t.version);
        scanner in(t.content);
        const mem_info m = parse_mem_info(in, format);
        // A kernel's own numbers agree with each other, but for counters read at another moment.
        for (const contradiction &c : contradictions(m, format)) {
            CAPTURE(c.text);
            CHECK(c.what == contradiction::kind::race);
        }
    }
    page_allocator pages(small_machine());
    const page_result p = pages.alloc_pages(GFP_KERNEL, 3);
    REQUIRE(p);
    const mem_info m = describe_mem_info(pages.save(), mem_info_format(KCTX_VERSION(5, 4, 0)));
    CHECK(m.zones[0].values["free"] == 65536 - 1024 - 8);
    CHECK(m.zones[0].pages_in_blocks() == 65536 - 1024 - 8);
    CHECK(m.totals["pages cma reserved"] == 16384);
    CHECK(m.zones[0].orders[3].types == "U"); // the other half of what was split
}

TEST_CASE("types of blocks are found again from letters and sums")
{
    std::mt19937 random(7);
    const auto types = kernel::migratetypes_of(KCTX_VERSION(5, 4, 0));
    for (int round = 0; round < 200; ++round) {
        free_counts n{};
        std::array<std::uint64_t, migrate_types> pages{};
        std::vector<order_blocks> line(max_orders);
        for (const migratetype t : types) {
            const auto type = static_cast<unsigned>(t);
            for (unsigned order = 0; order < max_orders; ++order) {
                n[type][order] = random() % 3 == 0 ? 0 : random() % 50;
                pages[type] += n[type][order] << order;
                line[order].blocks += n[type][order];
                if (n[type][order] != 0)
                    line[order].types += types.letter(t);
            }
        }
        free_counts split{};
        try {
            split = split_by_type(line, types, pages);
        } catch (const std::invalid_argument &) {
            continue; // the simple rule does not find each
        }
        for (unsigned order = 0; order < max_orders; ++order) {
            std::uint64_t blocks = 0;
            for (const migratetype t : types) {
                const auto type = static_cast<unsigned>(t);
                blocks += split[type][order];
                CHECK((split[type][order] != 0) == (n[type][order] != 0));
            }
            CHECK(blocks == line[order].blocks);
        }
    }
    const std::vector<order_blocks> one = {{2, "UC"}};
    CHECK_THROWS_AS(split_by_type(one, types, {2, 0, 0, 0, 0, 0}), std::invalid_argument);
    CHECK_THROWS_AS(split_by_type(one, types, {1, 0, 0, 0, 9, 0}), std::invalid_argument);
    CHECK(split_by_type(one, types, {1, 0, 0, 0, 1, 0})[cma][0] == 1);
}

TEST_CASE("kmalloc: which cache, which order, which mode")
{
    page_allocator pages(small_machine());
    kmalloc_caches caches(pages);
    CHECK(caches.cache_name(1, GFP_KERNEL) == "kmalloc-8");
    CHECK(caches.cache_name(65, GFP_KERNEL) == "kmalloc-96");
    CHECK(caches.cache_name(97, GFP_KERNEL) == "kmalloc-128");
    CHECK(caches.cache_name(129, GFP_KERNEL) == "kmalloc-192");
    CHECK(caches.cache_name(193, GFP_KERNEL) == "kmalloc-256");
    CHECK(caches.cache_name(8192, GFP_KERNEL) == "kmalloc-8k");
    CHECK(caches.cache_name(100, GFP_KERNEL | 0x10) == "kmalloc-rcl-128");
    CHECK(caches.cache_name(100, GFP_KERNEL | 1) == "dma-kmalloc-128");
    kmalloc_caches arm64(pages, {.min_size = 128});
    CHECK(arm64.cache_name(1, GFP_KERNEL) == "kmalloc-128");
    CHECK(arm64.cache_name(130, GFP_KERNEL) == "kmalloc-256");
    page_allocator old(small_machine("4.19.1"));
    CHECK(kmalloc_caches(old).cache_name(1024, 0x6000c0) == "kmalloc-1024");

    CHECK(caches.kmalloc(0, GFP_KERNEL) == kmalloc_caches::zero_size_ptr);
    CHECK(caches.kmalloc((4u << 20) + 1, GFP_KERNEL) == 0);
    CHECK(caches.last_failure() == kmalloc_failure::too_large);
    CHECK(caches.large_mode(GFP_ATOMIC) == (GFP_ATOMIC | GFP_COMP));
    CHECK(kmalloc_caches(pages, {.large_is_compound = false}).large_mode(GFP_ATOMIC) == 0xa20);

    const long before = pages.save().zones[0].free.exact() + pages.save().zones[0].pcp_count;
    std::vector<address> objects;
    for (const std::uint64_t size : {8u, 8u, 100u, 1024u, 8192u, 8193u, 65536u, 4u << 20})
        objects.push_back(caches.kmalloc(size, GFP_KERNEL));
    CHECK(objects[1] == objects[0] + 8);
    CHECK(objects[5] % page_size == 0);
    for (const address a : objects) {
        CHECK(a != 0);
        caches.kfree(a);
    }
    CHECK_THROWS_AS(caches.kfree(objects[5]), std::invalid_argument); // twice
    CHECK_THROWS_AS(caches.kfree(objects[0] + 4), std::invalid_argument);
    // Some slabs are kept.
    const long after = pages.save().zones[0].free.exact() + pages.save().zones[0].pcp_count;
    CHECK(before - after <= 1 + 1 + 2 + 8);
}

TEST_CASE("a slab falls back to its smallest order when memory is in pieces")
{
    page_allocator pages(small_machine());
    std::vector<std::uint64_t> taken;
    const kernel::alloc_context reclaimer{.memalloc = true}; // no watermark stops it
    while (const page_result p = pages.alloc_pages(GFP_ATOMIC | 0x2000, 0, reclaimer))
        taken.push_back(p.pfn());
    for (std::size_t i = 0; i < taken.size(); i += 2)
        pages.free_pages(taken[i], 0); // every second page: nothing of order 1
    pages.drain_all_pages();
    pages.kswapd_sleeps();
    kmem_cache cache(pages, "kmalloc-2k", 2048);
    CHECK(cache.order() == 2);
    CHECK(cache.min_order() == 0);
    CHECK(cache.alloc(GFP_ATOMIC) != 0);
    CHECK(cache.order_fallbacks() == 1);
}

TEST_CASE("mempool, vmalloc, alloc_pages_exact")
{
    page_allocator pages(small_machine());
    kmem_cache cache(pages, "requests", 256);
    mempool pool(cache, 4, GFP_KERNEL);
    CHECK(pool.reserve() == 4);
    const address object = pool.alloc(GFP_ATOMIC, pages.masks());
    CHECK(pool.reserve() == 4); // the allocator had one
    pages.fail_request(1);
    std::vector<address> more;
    while (pool.reserve() == 4)
        more.push_back(pool.alloc(GFP_ATOMIC, pages.masks()));
    CHECK(more.back() != 0);
    pool.free(object);
    CHECK(pool.reserve() == 4);

    const long before = pages.save().zones[0].free.exact() + pages.save().zones[0].pcp_count;
    const auto now = [&] {
        return pages.save().zones[0].free.exact() + pages.save().zones[0].pcp_count;
    };
    const auto frames = vmalloc(pages, 65537, GFP_KERNEL);
    CHECK(frames.size() == 17);
    CHECK(now() == before - 17);
    vfree(pages, frames);
    pages.fail_request(5);
    CHECK(vmalloc(pages, 65536, GFP_KERNEL).empty()); // all or none
    CHECK(now() == before);
    const page_result exact = alloc_pages_exact(pages, 5 * 4096, GFP_KERNEL);
    CHECK(now() == before - 5);
    free_pages_exact(pages, exact.pfn(), 5 * 4096);
    CHECK(now() == before);
}

TEST_CASE("slab orders by the rule of calculate_order()")
{
    // Four CPUs: at least 16 objects a slab if the order allows; one CPU: 8.
    constexpr unsigned v54 = KCTX_VERSION(5, 4, 0);
    CHECK(kernel::slub_order(v54, 256, 4) == 0);
    CHECK(kernel::slub_order(v54, 512, 4) == 1);
    CHECK(kernel::slub_order(v54, 1024, 4) == 2);
    CHECK(kernel::slub_order(v54, 2048, 4) == 3);
    CHECK(kernel::slub_order(v54, 4096, 4) == 3);
    CHECK(kernel::slub_order(v54, 8192, 4) == 3);
    CHECK(kernel::slub_order(v54, 1024, 1) == 1);
}

TEST_CASE("the leak hunt finds who only grows")
{
    page_owners owners;
    std::uint64_t pfn = 0;
    std::vector<std::uint64_t> cached;
    for (int second = 0; second < 30; ++second) {
        for (int i = 0; i < 3; ++i)
            owners.allocated("leaky", pfn++, 0);
        if (second < 15) { // a cache that fills up
            for (int i = 0; i < 10; ++i)
                owners.allocated("cache", pfn++, 1);
        }
        owners.allocated("busy", pfn, 3);
        if (second % 2 == 0)
            owners.freed(pfn);
        pfn += 8;
        owners.sample();
        if (second == 20)
            CHECK(owners.shares().front().owner == "cache");
    }
    const auto leaks = owners.leaks();
    REQUIRE(!leaks.empty());
    CHECK(
        std::none_of(leaks.begin(), leaks.end(), [](const auto &s) { return s.owner == "cache"; }));
    CHECK(std::any_of(leaks.begin(), leaks.end(),
                      [](const auto &s) { return s.owner == "leaky" && s.to == 90; }));
}

TEST_CASE("pictures: a cell a pageblock, filled as far as it is in use")
{
    page_allocator pages(small_machine());
    CHECK(pages.alloc_pages(GFP_KERNEL, 10));
    const memory_state s = pages.save();
    const std::string map = draw_text(s);
    // 64 pageblocks: the reserved one is full, the one just taken is, all others are free.
    CHECK(std::count(map.begin(), map.end(), '.') == 62);
    const std::string svg = draw_svg(s);
    std::size_t cells = 0;
    for (std::size_t at = 0; (at = svg.find(" pages free</title>", at)) != svg.npos; ++at)
        ++cells;
    CHECK(cells == 2 * 64); // ground and filling
    CHECK(svg.ends_with("</svg>\n"));
}
