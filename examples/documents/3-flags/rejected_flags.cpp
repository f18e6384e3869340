// SPDX-License-Identifier: BSL-1.0
// The document's flags where they do not belong, or do not exist any more.
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

void allocate(ProcessCtx ctx, IrqCtx irq, size_t n, void *&p)
{
    // High memory has no address of its own; the slab allocator's memory needs one.
    p = KCTX_TRY(kmalloc(ctx, n, GFP_HIGHUSER), return);               // <-- rejected
    p = KCTX_TRY(kmalloc(ctx, n, GFP_KERNEL | __GFP_HIGHMEM), return); // <-- rejected
    // Never to fail, but neither to wait for what it needs, nor to try again.
    p = KCTX_TRY(kmalloc(irq, n, GFP_ATOMIC | __GFP_NOFAIL), return);               // <-- rejected
    p = KCTX_TRY(kmalloc(ctx, n, GFP_NOIO | __GFP_NORETRY | __GFP_NOFAIL), return); // <-- rejected
    // Without I/O, without the file system, for user space: all three may wait.
    p = KCTX_TRY(kmalloc(irq, n, GFP_NOIO), return); // <-- rejected
    p = KCTX_TRY(kmalloc(irq, n, GFP_NOFS), return); // <-- rejected
    p = KCTX_TRY(kmalloc(irq, n, GFP_USER), return); // <-- rejected
    // Gone from the kernel.
    p = KCTX_TRY(alloc_page(ctx, GFP_KERNEL | __GFP_COLD), return);   // <-- rejected
    p = KCTX_TRY(kmalloc(ctx, n, GFP_KERNEL | __GFP_REPEAT), return); // <-- rejected
}
