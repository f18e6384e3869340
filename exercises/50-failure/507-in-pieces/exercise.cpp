// SPDX-License-Identifier: BSL-1.0
// 64 MB, Linux 6.12, just booted, and nobody else there. Use the memory so that in the end
//
//     at least a third of it is free,
//     and the largest free block has order @largest@.
//
// Then a driver that wants 64 kB in a row gets none, though 20 MB are free.
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr unsigned MOST = 16384;
constexpr unsigned LARGEST = @largest@; // order
static page *pages[MOST];

void in_pieces(ProcessCtx ctx)
{
    unsigned n = 0; // pages[0] ... pages[n - 1] are taken, in the order of their frames
    for (; n < MOST; ++n)
        pages[n] = KCTX_TRY(alloc_page(ctx, GFP_NOWAIT | __GFP_NOWARN), break);
    // [[solve]]
    constexpr unsigned block = 1u << LARGEST;
    for (unsigned i = 0; i < n; ++i)
        if (i % (2 * block) < block)
            __free_page(ctx, pages[i]);
    for (unsigned i = 0; i < MOST; ++i)
        pages[i] = KCTX_TRY(alloc_pages(ctx, GFP_NOWAIT | __GFP_NOWARN, LARGEST + 1), break);
    // [[stub]]
    // TODO 1: which of them go back? And what the allocator did not give away: in what blocks is that?
    for (unsigned i = 0; i < n; ++i)
        __free_page(ctx, pages[i]);
    // [[wrong one-half]]
    for (unsigned i = 0; i < n / 2; ++i)
        __free_page(ctx, pages[i]);
    for (unsigned i = 0; i < MOST; ++i)
        pages[i] = KCTX_TRY(alloc_pages(ctx, GFP_NOWAIT | __GFP_NOWARN, LARGEST + 1), break);
    // [[wrong too-few]]
    constexpr unsigned block = 1u << LARGEST;
    for (unsigned i = 0; i < n; ++i)
        if (i % (8 * block) < block)
            __free_page(ctx, pages[i]);
    for (unsigned i = 0; i < MOST; ++i)
        pages[i] = KCTX_TRY(alloc_pages(ctx, GFP_NOWAIT | __GFP_NOWARN, LARGEST + 1), break);
    // [[wrong forgets-the-reserve]]
    constexpr unsigned block = 1u << LARGEST;
    for (unsigned i = 0; i < n; ++i)
        if (i % (2 * block) < block)
            __free_page(ctx, pages[i]);
    // [[end]]
}
