// SPDX-License-Identifier: BSL-1.0
// Three allocations of a storage driver, each with a wish that cannot be granted.
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

// The journal cannot go on without this record; the file system is in the middle of a transaction.
void *journal_record(KthreadCtx ctx)
{
    // [[solve]]
    return KCTX_TRY(kzalloc(ctx, 64, GFP_NOFS | __GFP_NOFAIL), return nullptr);
    // [[stub]]
    return KCTX_TRY(kzalloc(ctx, 64, GFP_NOFS | __GFP_NORETRY | __GFP_NOFAIL), // TODO 1: never fail, or never try twice?
                    return nullptr);
    // [[wrong gives-up]]
    return KCTX_TRY(kzalloc(ctx, 64, GFP_NOFS | __GFP_NORETRY), return nullptr);
    // [[end]]
}

// A page for the bounce buffer of a device that reaches only the lowest 4 GB.
page *bounce_page(ProcessCtx ctx)
{
    // [[solve]]
    return KCTX_TRY(alloc_page(ctx, GFP_KERNEL | __GFP_DMA32), return nullptr);
    // [[stub]]
    return KCTX_TRY(alloc_page(ctx, GFP_KERNEL | __GFP_DMA | __GFP_DMA32), return nullptr); // TODO 2: one zone
    // [[wrong high]]
    return KCTX_TRY(alloc_page(ctx, GFP_KERNEL | __GFP_DMA32 | __GFP_HIGHMEM), return nullptr);
    // [[end]]
}

// A table that is only worth having if it is there for the taking.
void *read_ahead_table(ProcessCtx ctx)
{
    // [[solve]]
    return KCTX_TRY(kmalloc(ctx, 16384, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN), return nullptr);
    // [[stub]]
    return KCTX_TRY(kmalloc(ctx, 16384, GFP_KERNEL | __GFP_NORETRY | __GFP_RETRY_MAYFAIL), return nullptr); // TODO 3
    // [[end]]
}
