// SPDX-License-Identifier: BSL-1.0
// A network driver's receive buffers: large blocks are faster, single pages always do.
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct rx_block {
    page *pages;
    unsigned order;
};

// Tries orders 3, 2, 1, 0. Whether there was one. In a poll function, which must not wait.
bool rx_alloc(NapiCtx ctx, rx_block *block)
{
    // [[solve]]
    for (unsigned order = 4; order-- != 0;) {
        block->pages = KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC | __GFP_NOWARN, order), continue);
        block->order = order;
        return true;
    }
    block->pages = nullptr;
    return false;
    // [[stub]]
    // TODO 1: and if order 3 is not there?
    block->pages = KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC, 3), return false);
    block->order = 3;
    return true;
    // [[wrong always-three]]
    for (unsigned order = 4; order-- != 0;) {
        block->pages = KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC | __GFP_NOWARN, order), continue);
        block->order = 3;
        return true;
    }
    return false;
    // [[wrong not-zero]]
    for (unsigned order = 3; order != 0; order--) {
        block->pages = KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC | __GFP_NOWARN, order), continue);
        block->order = order;
        return true;
    }
    return false;
    // [[wrong waits]]
    for (unsigned order = 4; order-- != 0;) {
        block->pages = KCTX_TRY(alloc_pages(ctx, GFP_KERNEL | __GFP_NORETRY, order), continue);
        block->order = order;
        return true;
    }
    return false;
    // [[end]]
}
