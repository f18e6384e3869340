// SPDX-License-Identifier: BSL-1.0
// A machine with memory of its own: requests fail with the kernel's report, those that may wait
// sleep while they reclaim, and frames are the page allocator's.
#include <doctest/doctest.h>

#include "simulate.hpp"

#include <kctx/api/delay.hpp>
#include <kctx/api/dma.hpp>
#include <kctx/kctx.hpp>
#include <kctx/sim/physical_memory.hpp>

using namespace kctx;
using sim::preemption;

namespace {

constexpr auto ctx = assume_context<ProcessCtx>("the tests are where they say");
const auto irq = assume_context<HardIrqCtx>("as well");
constexpr unsigned long zone_pages = 8192, cma_pages = 1024;

template <class Result> void *raw(Result r) { return r; }

/// A machine of 32 MiB, 4 of them CMA.
struct small_machine {
    sim::machine m;
    sim::physical_memory &memory;

    small_machine() : m(config()), memory(m.part<sim::physical_memory>())
    {
        memory.boot(
            {.zones = {{.pages = zone_pages, .cma_pages = cma_pages}}, .pageblock_order = 9});
    }
    static sim::machine_config config()
    {
        sim::machine_config c =
            kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preemption::full);
        c.debug_atomic_sleep = true;
        return c;
    }
    long free_pages() { return memory.pages().zones()[0].free.exact(); }
    /// Pages that nobody will free, until an atomic request for one would fail.
    void use_up()
    {
        const unsigned mask = gfp_mask(GFP_ATOMIC) | gfp_mask(__GFP_NOWARN);
        while (memory.pages().alloc_pages(mask, 0)) {
        }
    }
    sim::outcome run(std::function<void()> body)
    {
        m.spawn({.comm = "insmod", .pid = 300}, std::move(body));
        return m.run();
    }
};

} // namespace

TEST_CASE("what is allocated takes pages of the model, and gives them back")
{
    small_machine s;
    const long before = s.free_pages();
    CHECK(s.run([&] {
        void *const large = raw(kmalloc(ctx, 40000, GFP_KERNEL));
        CHECK(s.m.part<sim::heap>().physical(large) % (16 * 4096) == 0);
        s.memory.pages().drain_all_pages();
        CHECK(s.free_pages() == before - 16);
        void *const objects[] = {raw(kmalloc(ctx, 100, GFP_KERNEL)),
                                 raw(kmalloc(ctx, 100, GFP_KERNEL))};
        const auto at = [&](void *p) { return s.m.part<sim::heap>().physical(p); };
        CHECK(at(objects[1]) == at(objects[0]) + 128); // kmalloc-128
        for (void *const object : objects)
            kfree(ctx, object);
        kfree(ctx, large);
    }) == sim::outcome::idle);
    s.memory.pages().drain_all_pages();
    CHECK(s.free_pages() <= before);
    CHECK(s.m.log.records().empty());
}

TEST_CASE("GFP_ATOMIC fails, and the log has the report")
{
    small_machine s;
    CHECK(s.run([&] {
        s.use_up();
        CHECK(raw(kmalloc(ctx, 65536, GFP_ATOMIC)) == nullptr);
    }) == sim::outcome::idle);
    const auto header = lines_with(s.m, "insmod: page allocation failure");
    REQUIRE(header.size() == 1);
    CHECK(header[0] == "insmod: page allocation failure: order:4, "
                       "mode:0x40820(GFP_ATOMIC|__GFP_COMP), "
                       "nodemask=(null),cpuset=/,mems_allowed=0");
    CHECK(lines_with(s.m, "Mem-Info:").size() == 1);
    CHECK(lines_with(s.m, "Normal free:").size() == 1);
    CHECK(lines_with(s.m, "Normal: ").size() == 1);
    bool traced = false;
    for (const auto &r : s.m.log.records())
        traced |= r.line.find("warn_alloc+0x") != r.line.npos;
    CHECK(traced);
}

TEST_CASE("reports are limited, and __GFP_NOWARN has none")
{
    small_machine s;
    s.run([&] {
        s.use_up();
        for (int i = 0; i < 3; ++i)
            raw(kmalloc(ctx, 65536, GFP_ATOMIC));
        raw(kmalloc(ctx, 65536, GFP_ATOMIC | __GFP_NOWARN));
        msleep(ctx, 11000);
        raw(kmalloc(ctx, 65536, GFP_ATOMIC));
    });
    CHECK(lines_with(s.m, "insmod: page allocation failure").size() == 2);
    CHECK(lines_with(s.m, "warn_alloc: 2 callbacks suppressed").size() == 1);
}

TEST_CASE("GFP_KERNEL sleeps while it reclaims, and others run meanwhile")
{
    small_machine s;
    std::string order;
    const auto files = s.memory.read_files(zone_pages);
    CHECK(files > zone_pages / 2);
    s.m.spawn({.comm = "insmod", .pid = 300}, [&] {
        s.use_up();
        order += "a";
        const auto before = s.m.now();
        CHECK(raw(kmalloc(ctx, 32768, GFP_KERNEL)) != nullptr);
        CHECK(s.m.now() > before);
        order += "c";
    });
    s.m.spawn({.comm = "other", .pid = 301}, [&] { order += "b"; });
    CHECK(s.m.run() == sim::outcome::idle);
    CHECK(order == "abc");
    CHECK(lines_with(s.m, "BUG").empty());
}

TEST_CASE("in an interrupt it sleeps as well, which the scheduler reports")
{
    small_machine s;
    s.memory.read_files(zone_pages);
    s.m.spawn({.comm = "insmod", .pid = 300}, [&] {
        s.use_up();
        s.m.hardirq([&] { raw(kmalloc(irq, 32768, GFP_KERNEL)); });
    });
    s.m.run();
    CHECK(lines_with(s.m, "BUG: sleeping function called from invalid context").size() == 1);
    CHECK(!lines_with(s.m, "BUG: scheduling while atomic: insmod/300/0x000100").empty());
}

TEST_CASE("memory that kswapd has reclaimed is there for GFP_ATOMIC")
{
    small_machine s;
    s.memory.read_files(zone_pages);
    CHECK(s.run([&] {
        s.use_up();
        CHECK(raw(kmalloc(ctx, 4096, GFP_ATOMIC | __GFP_NOWARN)) == nullptr);
        msleep(ctx, 20);
        CHECK(raw(kmalloc(ctx, 4096, GFP_ATOMIC)) != nullptr);
    }) == sim::outcome::idle);
}

TEST_CASE("dma_alloc_coherent() has CMA where the caller may wait")
{
    small_machine s;
    device dev{};
    CHECK(s.run([&] {
        dma_addr_t handle;
        const auto place = [&](void *p) { return s.m.part<sim::heap>().physical(p) >> 12; };
        void *const waits = raw(dma_alloc_coherent(ctx, &dev, 5 * 4096, &handle, GFP_KERNEL));
        CHECK(place(waits) >= zone_pages - cma_pages);
        void *const single = raw(dma_alloc_coherent(ctx, &dev, 4096, &handle, GFP_KERNEL));
        CHECK(place(single) < zone_pages - cma_pages);
        void *const atomic = raw(dma_alloc_coherent(ctx, &dev, 5 * 4096, &handle, GFP_ATOMIC));
        CHECK(place(atomic) < zone_pages - cma_pages);
        for (const auto &[p, size] : {std::pair{waits, 5}, {single, 1}, {atomic, 5}})
            dma_free_coherent(ctx, &dev, static_cast<size_t>(size) * 4096, p, 0);
    }) == sim::outcome::idle);
}

TEST_CASE("out of memory: the machine's own killer, or a panic")
{
    for (const bool kills : {true, false}) {
        small_machine s;
        std::vector<std::uint64_t> victim;
        if (kills)
            s.memory.oom_kill_task = [&] {
                for (const std::uint64_t pfn : victim)
                    s.memory.pages().free_pages(pfn, 0);
                s.memory.pages().drain_all_pages();
                return !std::exchange(victim, {}).empty();
            };
        const auto end = s.run([&] {
            for (int i = 0; i < 500; ++i)
                victim.push_back(s.memory.pages().alloc_pages(gfp_mask(GFP_ATOMIC), 0).pfn());
            s.use_up();
            CHECK(raw(kmalloc(ctx, 4096, GFP_KERNEL)) != nullptr);
        });
        CHECK(end == (kills ? sim::outcome::idle : sim::outcome::panicked));
        CHECK(lines_with(s.m, "insmod invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0")
                  .size() == 1);
        CHECK(
            lines_with(s.m, "Kernel panic - not syncing: System is deadlocked on memory").size() ==
            !kills);
    }
}

TEST_CASE("__GFP_NOFAIL waits until somebody frees memory")
{
    small_machine s;
    void *kept = nullptr;
    s.m.spawn({.comm = "journal", .pid = 300}, [&] {
        kept = raw(alloc_pages(ctx, GFP_KERNEL, 9));
        s.use_up();
        CHECK(raw(alloc_pages(ctx, GFP_NOFS | __GFP_NOFAIL, 0)) != nullptr);
    });
    s.m.spawn({.comm = "other", .pid = 301}, [&] {
        msleep(ctx, 100);
        __free_pages(ctx, static_cast<page *>(kept), 9);
    });
    CHECK(s.m.run() == sim::outcome::idle);
}

TEST_CASE("memory of a kernel with other masks is refused")
{
    sim::machine_config c = small_machine::config();
    c.version = KCTX_VERSION(5, 4, 124);
    c.release = "5.4.124";
    sim::machine m(c);
    CHECK_THROWS_AS(m.part<sim::physical_memory>().boot({.zones = {{.pages = zone_pages}}}),
                    std::invalid_argument);
}
