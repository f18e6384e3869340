// SPDX-License-Identifier: BSL-1.0
// Sets of GFP flags: their values in every kernel, their names, what goes together.
#include <kctx/gfp/allocation.hpp>
// flags.hpp takes the flags' macros for itself.
#include "flags.hpp"

#include <kctx/kernel/gfp_names.hpp>

using namespace kctx;

namespace {
std::string names(unsigned version, unsigned mask)
{
    return kernel::format_gfp(version, mask).text;
}
constexpr unsigned v5_4 = KCTX_VERSION(5, 4, 0);
constexpr unsigned v2_6_32 = KCTX_VERSION(2, 6, 32);
constexpr unsigned v6_12 = KCTX_VERSION(6, 12, 0);

constexpr auto kernel_zeroed = GFP_KERNEL | __GFP_ZERO;
constexpr auto atomic_quiet = GFP_ATOMIC | __GFP_NOWARN | __GFP_COMP;
constexpr auto no_wait = GFP_KERNEL & ~__GFP_DIRECT_RECLAIM;
} // namespace

TEST_CASE("each flag has the value of the facts in every kernel that was read")
{
    for (const unsigned version : fact_versions()) {
        CAPTURE(version);
        const auto expected = facts_of(version);
        for_each_flag([&](const std::string &name, auto flag, bool) {
            CAPTURE(name);
            const auto fact = expected.find(name);
            CHECK(gfp_exists(flag, version) == (fact != expected.end()));
            CHECK(gfp_mask(flag, version) == (fact == expected.end() ? 0 : fact->second));
        });
    }
}

TEST_CASE("a union has the bits of both, in every kernel")
{
    for (const unsigned version : fact_versions()) {
        CAPTURE(version);
        for_each_flag([&](const std::string &name, auto flag, bool) {
            CAPTURE(name);
            const unsigned alone = gfp_mask(flag, version);
            CHECK(gfp_mask(GFP_KERNEL | flag, version) == (gfp_mask(GFP_KERNEL, version) | alone));
            CHECK(gfp_mask(kernel_zeroed | flag, version) ==
                  (gfp_mask(kernel_zeroed, version) | alone));
            CHECK(gfp_mask(flag | kernel_zeroed, version) ==
                  gfp_mask(kernel_zeroed | flag, version));
        });
    }
}

TEST_CASE("a kernel has a set if it has all of its flags")
{
    for (const unsigned version : fact_versions()) {
        CAPTURE(version);
        for_each_flag([&](const std::string &name, auto flag, bool) {
            CAPTURE(name);
            CHECK(gfp_exists(kernel_zeroed | flag, version) ==
                  (gfp_exists(kernel_zeroed, version) && gfp_exists(flag, version)));
        });
        CHECK(gfp_exists(kernel_zeroed, version));
    }
}

TEST_CASE("& ~ takes out what is there and nothing else, in every kernel")
{
    for (const unsigned version : fact_versions()) {
        CAPTURE(version);
        for_each_flag([&](const std::string &name, auto flag, bool) {
            CAPTURE(name);
            const unsigned alone = gfp_mask(flag, version);
            CHECK(gfp_mask(GFP_USER & ~flag, version) == (gfp_mask(GFP_USER, version) & ~alone));
            CHECK(gfp_mask((GFP_USER | flag) & ~flag, version) ==
                  (gfp_mask(GFP_USER, version) & ~alone));
            // What comes before or after is not taken out.
            CHECK(gfp_mask(flag | (GFP_USER & ~flag), version) ==
                  (gfp_mask(GFP_USER, version) | alone));
            CHECK(gfp_mask(kernel_zeroed | flag | (GFP_USER & ~flag), version) ==
                  gfp_mask(kernel_zeroed | GFP_USER | flag, version));
            CHECK(gfp_mask((GFP_USER & ~flag) | flag, version) ==
                  (gfp_mask(GFP_USER, version) | alone));
        });
    }
    static_assert(!gfp_may_sleep<decltype(no_wait)>);
    static_assert(gfp_may_sleep<decltype(GFP_KERNEL & ~__GFP_IO)>);
    static_assert(gfp_may_sleep<decltype(no_wait | __GFP_DIRECT_RECLAIM)>);
    static_assert(gfp_may_sleep<decltype(GFP_USER | no_wait)>);
    static_assert(gfp_may_sleep<decltype(GFP_USER | __GFP_ZERO | no_wait)>);
    static_assert(!gfp_may_sleep<unsigned>, "a number is no set, and none that waits");
    static_assert(!consistent_gfp<unsigned>);
}

TEST_CASE("the values that logs show")
{
    CHECK(gfp_mask(GFP_ATOMIC, v5_4) == 0xa20);
    CHECK(gfp_mask(GFP_KERNEL, v5_4) == 0xcc0);
    CHECK(gfp_mask(GFP_KERNEL | __GFP_COMP | __GFP_ZERO, v5_4) == 0x40dc0);
    CHECK(gfp_mask(GFP_ATOMIC, v2_6_32) == 0x20);
    CHECK(gfp_mask(GFP_ATOMIC, v6_12) == 0x820);
}

TEST_CASE("a set is printed by the names it was made of")
{
    CHECK(names(v5_4, gfp_mask(kernel_zeroed, v5_4)) == "GFP_KERNEL|__GFP_ZERO");
    CHECK(names(v5_4, gfp_mask(atomic_quiet, v5_4)) == "GFP_ATOMIC|__GFP_NOWARN|__GFP_COMP");
    CHECK(names(v6_12, gfp_mask(atomic_quiet, v6_12)) == "GFP_ATOMIC|__GFP_NOWARN|__GFP_COMP");
    CHECK(names(v6_12, gfp_mask(no_wait, v6_12)) == "__GFP_IO|__GFP_FS|__GFP_KSWAPD_RECLAIM");
    CHECK(names(v2_6_32, gfp_mask(kernel_zeroed, v2_6_32)) == "GFP_KERNEL|GFP_ZERO");
}

TEST_CASE("what is printed of a flag reads back as the flag, in every kernel that prints names")
{
    for (const unsigned version : fact_versions()) {
        if (version < kernel::gfp_first_named_log)
            continue;
        CAPTURE(version);
        const auto values = facts_of(version);
        for_each_flag([&](const std::string &name, auto flag, bool) {
            CAPTURE(name);
            const unsigned mask = gfp_mask(flag | GFP_KERNEL, version);
            unsigned read = 0;
            for (const std::string &part : facts::split(names(version, mask), '|'))
                read |= part.starts_with("0x") ? facts::number(part) : values.at(part);
            CHECK(read == mask);
        });
    }
}

namespace {
template <class G> constexpr bool consistent(G) { return consistent_gfp<G>; }
template <class G> constexpr bool of_slab(G) { return detail::slab_memory::takes<G>; }
template <class G> constexpr bool of_lowmem(G) { return detail::lowmem_memory::takes<G>; }
template <class G> constexpr bool of_pages(G) { return detail::page_memory::takes<G>; }
} // namespace

// What goes together.
static_assert(consistent(GFP_KERNEL) && consistent(GFP_ATOMIC) && consistent(GFP_NOWAIT));
static_assert(consistent(GFP_KERNEL | __GFP_NOFAIL));
static_assert(consistent(GFP_ATOMIC | __GFP_NORETRY));
static_assert(consistent(GFP_HIGHUSER_MOVABLE) && consistent(GFP_TRANSHUGE));
static_assert(consistent(GFP_KERNEL | GFP_DMA) && consistent(GFP_KERNEL | GFP_DMA32));
static_assert(consistent(GFP_NOWAIT | __GFP_NOWARN));
static_assert(consistent((GFP_KERNEL | GFP_DMA) & ~__GFP_DMA));
// Two zones.
static_assert(!consistent(GFP_HIGHUSER | __GFP_DMA) && !consistent(GFP_HIGHUSER | __GFP_DMA32));
static_assert(!consistent(GFP_KERNEL | __GFP_DMA | __GFP_DMA32));
// Two mobilities.
static_assert(!consistent(GFP_HIGHUSER_MOVABLE | __GFP_RECLAIMABLE));
// Two efforts.
static_assert(!consistent(GFP_KERNEL | __GFP_NOFAIL | __GFP_NORETRY));
static_assert(!consistent(GFP_KERNEL | __GFP_NOFAIL | __GFP_RETRY_MAYFAIL));
static_assert(!consistent(GFP_KERNEL | __GFP_NORETRY | __GFP_RETRY_MAYFAIL));
// NOFAIL that may not wait.
static_assert(!consistent(GFP_ATOMIC | __GFP_NOFAIL) && !consistent(GFP_NOWAIT | __GFP_NOFAIL));
static_assert(!consistent((GFP_KERNEL | __GFP_NOFAIL) & ~__GFP_DIRECT_RECLAIM));
// GFP_ATOMIC that may, whichever way it got there.
static_assert(!consistent(GFP_ATOMIC | __GFP_DIRECT_RECLAIM));
static_assert(!consistent(GFP_ATOMIC | GFP_KERNEL) && !consistent(GFP_KERNEL | GFP_NOWAIT));
static_assert(consistent((GFP_ATOMIC | __GFP_DIRECT_RECLAIM) & ~__GFP_DIRECT_RECLAIM));
// Slabs lie in lowmem; ZONE_DMA has caches of its own.
static_assert(of_slab(GFP_KERNEL | __GFP_DMA) && !of_slab(GFP_KERNEL | __GFP_DMA32));
static_assert(!of_slab(GFP_HIGHUSER) && !of_slab(GFP_KERNEL | __GFP_HIGHMEM));
static_assert(of_pages(GFP_KERNEL | __GFP_DMA32) && of_pages(GFP_HIGHUSER));
// A page of highmem has no address (get_free_pages_noprof() masks the flag).
static_assert(of_lowmem(GFP_KERNEL | __GFP_DMA32) && !of_lowmem(GFP_HIGHUSER));
// A set and nothing else is a set.
static_assert(gfp_set<flag::GFP_KERNEL> && gfp_set<decltype(GFP_KERNEL | __GFP_ZERO)>);
static_assert(!gfp_set<unsigned> && !gfp_set<gfp_complement<flag::GFP_KERNEL>>);
