// SPDX-License-Identifier: BSL-1.0
// The flags of the kernel that this file is compiled for. Built once for each of several kernels.
#include "flags.hpp"

using namespace kctx;

TEST_CASE("each flag has the value of the kernel that is meant, or is known to be lacking")
{
    const auto expected = facts_of(KCTX_KERNEL_VERSION);
    std::set<std::string> seen;
    for_each_flag([&](const std::string &name, auto flag, bool exists) {
        CAPTURE(name);
        CHECK(seen.insert(name).second);
        const auto fact = expected.find(name);
        CHECK(exists == (fact != expected.end()));
        CHECK(gfp_mask(flag) == (exists ? fact->second : 0));
        CHECK(gfp_mask(flag) == gfp_mask(flag, KCTX_KERNEL_VERSION));
    });
    for (const auto &fact : expected) {
        CAPTURE(fact.first);
        CHECK(seen.contains(fact.first));
    }
}

TEST_CASE("what may sleep follows from the kernel's own flag")
{
    const auto expected = facts_of(KCTX_KERNEL_VERSION);
    const unsigned wait = expected.contains("__GFP_WAIT") ? expected.at("__GFP_WAIT")
                                                          : expected.at("__GFP_DIRECT_RECLAIM");
    REQUIRE(wait != 0);
    for_each_flag([&](const std::string &name, auto flag, bool) {
        CAPTURE(name);
        CHECK(gfp_may_sleep<decltype(flag)> == ((gfp_mask(flag) & wait) != 0));
    });
}

// The sets that drivers name most, by what they promise.
static_assert(!gfp_may_sleep<flag::GFP_ATOMIC> && !gfp_may_sleep<flag::GFP_NOWAIT>);
static_assert(gfp_may_sleep<flag::GFP_KERNEL> && gfp_may_sleep<flag::GFP_NOIO> &&
              gfp_may_sleep<flag::GFP_NOFS> && gfp_may_sleep<flag::GFP_USER>);
// GFP_DMA is a zone and nothing else: it does not wait.
static_assert(!gfp_may_sleep<flag::GFP_DMA>);
// A flag that this kernel does not have contradicts none.
static_assert(consistent_gfp<decltype(GFP_KERNEL | __GFP_NOFAIL)>);
static_assert(consistent_gfp<decltype(GFP_KERNEL | __GFP_NORETRY)>);
static_assert(!consistent_gfp<decltype(GFP_KERNEL | __GFP_NOFAIL | __GFP_NORETRY)>);
