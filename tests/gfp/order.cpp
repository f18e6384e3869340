// SPDX-License-Identifier: BSL-1.0
// How much an allocation may ask for, and that what it may is passed on as it is.
#include <doctest/doctest.h>

#include <kctx/api/page.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static_assert(PAGE_SIZE == 4096 && KMALLOC_MAX_SIZE == 4 << 20);

namespace {
size_t asked_for = 0;
unsigned asked_order = 0;
} // namespace

// The environment is where clang's function effects end.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
namespace kctx::env::inline KCTX_ENV_NAMESPACE {
void *kmalloc(size_t size, gfp_t) noexcept
{
    asked_for = size;
    return nullptr;
}
page *alloc_pages(gfp_t, unsigned int order) noexcept
{
    asked_order = order;
    return nullptr;
}
} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
#ifdef __clang__
#pragma clang diagnostic pop
#endif

TEST_CASE("get_order() is the smallest order that holds the size")
{
    for (unsigned order = 0; order < 40; ++order) {
        CAPTURE(order);
        const unsigned long most = PAGE_SIZE << order;
        CHECK(get_order(most) == order);
        CHECK(get_order(most + 1) == order + 1);
    }
    CHECK(get_order(0) == 0);
    CHECK(get_order(1) == 0);
    CHECK(get_order(~0ul) == 51);
    static_assert(get_order(size_c<64 * 1024>) == 4 && get_order(40000) == 4);
}

TEST_CASE("a known size arrives as what it is")
{
    const auto ctx = assume_context<ProcessCtx>("a test");
    CHECK_FALSE(kmalloc(ctx, size_c<8000>, GFP_KERNEL));
    CHECK(asked_for == 8000);
    CHECK_FALSE(kmalloc(ctx, size_c<KMALLOC_MAX_SIZE>, GFP_KERNEL));
    CHECK(asked_for == KMALLOC_MAX_SIZE);
    CHECK_FALSE(kmalloc(ctx, 16384, GFP_ATOMIC));
    CHECK(asked_for == 16384);
    CHECK_FALSE(alloc_pages(ctx, GFP_KERNEL, order_c<MAX_PAGE_ORDER>));
    CHECK(asked_order == MAX_PAGE_ORDER);
    CHECK_FALSE(alloc_pages(ctx, GFP_ATOMIC | __GFP_NOWARN, get_order(size_c<64 * 1024>)));
    CHECK(asked_order == 4);
}

TEST_CASE("a size that comes at run time is the allocator's to refuse")
{
    const auto ctx = assume_context<ProcessCtx>("a test");
    for (size_t size = 1; size <= 64ul << 20; size *= 2) {
        CHECK_FALSE(kmalloc(ctx, size, GFP_ATOMIC));
        CHECK(asked_for == size);
    }
}

TEST_CASE("where an order begins to be costly, high, too large")
{
    // mm/page_alloc.c: free lists end at order 10; PAGE_ALLOC_COSTLY_ORDER is 3; rmqueue() warns of
    // __GFP_NOFAIL above order 1. Of an order that nobody can give nothing else is said.
    for (unsigned order = 0; order < 20; ++order) {
        CAPTURE(order);
        CHECK(detail::is_too_large(order) == (order >= 11));
        CHECK(detail::is_costly(order) == (order >= 4 && order <= 10));
        CHECK(detail::is_high(order) == (order >= 2 && order <= 10));
    }
    static_assert(detail::hopes_for_pages<flag::GFP_ATOMIC>);
    static_assert(detail::hopes_for_pages<flag::GFP_NOWAIT> ==
                  ((detail::gfp_bits<flag::GFP_NOWAIT> & detail::gfp_bits<flag::__GFP_NOWARN>) ==
                   0)); // which GFP_NOWAIT holds in 6.12, and not in 6.6
    static_assert(!detail::hopes_for_pages<decltype(GFP_ATOMIC | __GFP_NOWARN)>);
    static_assert(!detail::hopes_for_pages<flag::GFP_KERNEL>);
    static_assert(!detail::hopes_for_pages<decltype(GFP_KERNEL | __GFP_NOWARN)>);
    static_assert(detail::insists_on_pages<decltype(GFP_KERNEL | __GFP_NOFAIL)>);
    static_assert(!detail::insists_on_pages<flag::GFP_KERNEL>);
}
